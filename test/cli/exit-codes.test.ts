import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { EXIT } from '../../src/cli/exit.ts'
import { folder } from './folder.ts'
import { holdfast } from './program.ts'
import { documented } from './schema.ts'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

test.each([
  { args: [], err: 'Usage: holdfast' },
  { args: ['nosuch'], err: "unknown command 'nosuch'\nSee: holdfast --help" },
  { args: ['plan', '--nope'], err: "unknown option '--nope'\nSee: holdfast plan --help" },
  { args: ['logs'], err: "missing required argument 'stack'" },
  { args: ['logs', 'shop', '--tail', 'some'], err: 'It must be a whole number, or all.' },
  { args: ['logs', 'shop', '--since', 'yesterday'], err: 'It must be a duration such as 10m' },
  { args: ['exec', '--env', 'A', 'shop', 'web', 'sh'], err: 'It must be written NAME=value.' },
  { args: ['validate', '--format', 'xml'], err: 'Allowed choices are text, json, sarif.' },
])('a command line that cannot be understood ends with 64: $args', async ({ args, err }) => {
  expect(await holdfast(args)).toMatchObject({ code: 64, out: '', err: expect.stringContaining(err) })
})

test('whoever asks for help or the version is told it, with 0', async () => {
  expect(await holdfast(['--help'])).toMatchObject({ code: 0, err: '' })
  expect(await holdfast(['help', 'logs'])).toMatchObject({ code: 0, out: expect.stringContaining('holdfast logs') })
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(await holdfast(['--version'])).toMatchObject({ code: 0, out: `${version}\n` })
})

test('version says what it runs on', async () => {
  const { out } = await holdfast(['version'])
  expect(out).toMatch(/^holdfast \d+\.\d+\.\d+\nnode \d+\.\S+\n\w+\/\w+\n$/)
  const about = documented<Record<string, string>>('version', (await holdfast(['version', '--json'])).out)
  expect(out).toBe(`holdfast ${about['version']}\nnode ${about['node']}\n${about['platform']}\n`)
})

test('docs/cli.md tells what each exit code means', () => {
  const guide = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')
  for (const code of Object.values(EXIT)) expect(guide).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'))
})

test('down asks first, and where nobody can answer it wants --yes', async () => {
  expect(await holdfast(['down', 'shop'])).toMatchObject({ code: 1, err: expect.stringContaining('--yes') })
})

test.each([
  { args: ['exec', 'shop', 'web'], err: 'Which command?' },
  { args: ['exec', 'shop', 'web', '--user', '0', 'sh'], err: 'Options come before the stack: holdfast exec --user' },
])('exec says how it is written: $args', async ({ args, err }) => {
  expect(await holdfast(args)).toMatchObject({ code: 1, err: expect.stringContaining(err) })
})

test('whoever stops reading is not told of it', async () => {
  const big = `services:\n  web:\n    image: web:1\n    environment: { BIG: "${'x'.repeat(900_000)}" }\n`
  const dir = folder({ 'stacks/a/compose.yaml': big, 'stacks/b/compose.yaml': big })
  const { stdout, stderr } = await promisify(execFile)('bash', [
    '-c',
    `"${process.execPath}" "${MAIN}" render --dir "$0" | head -c 10; echo " ${'$'}{PIPESTATUS[0]}"`,
    dir,
  ])
  expect(stdout).toMatch(/^# stacks\/\S* (0|130)\n$/)
  expect(stderr).not.toMatch(/EPIPE|bug/)
})
