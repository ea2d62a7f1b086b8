import fs from 'node:fs'
import { join } from 'node:path'
import { constants, inflateSync } from 'node:zlib'
import type { GitObject } from './pack/resolver.ts'

/** An object that lies unpacked in a repository; null when there is none. Throws for a file that holds no object. */
export function readLoose(gitdir: string, id: string): GitObject | null {
  const file = fileOf(gitdir, id)
  if (!fs.existsSync(file)) return null
  const bytes = inflateSync(fs.readFileSync(file))
  const { kind, size, length } = headerOf(bytes)
  const content = bytes.subarray(length)
  if (content.length !== size) throw new Error(`${file} says another size than it has`)
  return { kind, content }
}

/** The size in bytes of an object that lies unpacked, without reading it; null when there is none. */
export function sizeOfLoose(gitdir: string, id: string): number | null {
  const file = fileOf(gitdir, id)
  if (!fs.existsSync(file)) return null
  const head = Buffer.alloc(128)
  const descriptor = fs.openSync(file, 'r')
  try {
    const length = fs.readSync(descriptor, head)
    return headerOf(inflateSync(head.subarray(0, length), { finishFlush: constants.Z_SYNC_FLUSH })).size
  } finally {
    fs.closeSync(descriptor)
  }
}

function fileOf(gitdir: string, id: string): string {
  return join(gitdir, 'objects', id.slice(0, 2), id.slice(2))
}

/** `<kind> <size>` and a zero byte. */
function headerOf(bytes: Buffer): { kind: GitObject['kind']; size: number; length: number } {
  const match = /^(commit|tree|blob|tag) (\d+)\0/.exec(bytes.toString('latin1', 0, 64))
  if (match === null) throw new Error('what lies there is no object of git')
  return { kind: match[1] as GitObject['kind'], size: Number(match[2]), length: match[0].length }
}
