import { readFileSync } from 'node:fs'
import { openGitSource } from '../../src/source/git.ts'

/** Follows a branch in a process of its own, reads one file, and says what that took. */
const [url = '', branch = '', directory = ''] = process.argv.slice(2)
const source = openGitSource({ url, at: { kind: 'branch', name: branch }, directory, timeoutMs: 300_000 })
const snapshot = await source.sync()
const content = await snapshot.read('data/0.bin', 1024 * 1024)
// Of this program alone: what `resourceUsage` says begins with what the process that started it had.
const [, most = ''] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
const mostMib = Math.round(Number(most) / 1024)
process.stdout.write(`${JSON.stringify({ paths: snapshot.entries.length, bytes: content.length, mostMib })}\n`)
