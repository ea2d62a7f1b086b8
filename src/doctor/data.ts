import { closeSync, existsSync, openSync, statfsSync, statSync, unlinkSync, writeSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { reasonOf } from '../model/errors.ts'
import type { Settings } from '../settings/settings.ts'
import { type Check, failed, ok, warning } from './check.ts'
import { bytes } from './words.ts'

const NAME = 'data directory'
const MIB = 1024 * 1024
const FREE_SPACE = 'Free some space on its disk (`df -h`), or set `data` (--data) to a folder on another one'
/** Less than a large repository and a database of some years need. */
const LITTLE = 256 * MIB
/** A repository's copy is fetched beside the one there is. */
const TOO_LITTLE = 16 * MIB

/** Whether the data directory can be written to, has room, and is its owner's alone. It is not made. */
export function checkData({ data }: Pick<Settings, 'data'>): Check[] {
  const folder = resolve(data)
  if (!existsSync(folder)) return [checkParent(folder)]
  const trouble = tryToWrite(folder)
  if (trouble !== null) return [failed(NAME, `${folder} cannot be written to: ${reasonOf(trouble)}`, fixFor(trouble))]
  return [checkRights(folder), checkRoom(folder)]
}

/** The nearest folder that is there decides whether it can be made. */
function checkParent(folder: string): Check {
  let parent = dirname(folder)
  while (!existsSync(parent) && parent !== dirname(parent)) parent = dirname(parent)
  const trouble = tryToWrite(parent)
  if (trouble === null) return ok(NAME, `${folder} is not there yet; the first start makes it`)
  const what = `${folder} is not there and cannot be made: ${reasonOf(trouble)}`
  return failed(
    NAME,
    what,
    `sudo install -d -m 700 -o "$(id -u)" ${folder}, or set \`data\` (--data) to another folder`,
  )
}

/** Asking the system for rights is not enough: root has them also on a disk that is full or can only be read. */
function tryToWrite(folder: string): unknown {
  const file = join(folder, `.doctor-${process.pid}`)
  try {
    const opened = openSync(file, 'wx', 0o600)
    try {
      writeSync(opened, Buffer.alloc(4096))
    } finally {
      closeSync(opened)
      unlinkSync(file)
    }
    return null
  } catch (error) {
    return error
  }
}

function fixFor(trouble: unknown): string {
  const code = trouble instanceof Error && 'code' in trouble ? trouble.code : ''
  if (code === 'ENOSPC') return FREE_SPACE
  if (code === 'EROFS') return 'Mount its disk for writing, or set `data` (--data) to a folder on another one'
  return 'Give it to the user that runs Holdfast (`sudo chown`), or set `data` (--data) to another folder'
}

function checkRights(folder: string): Check {
  const mode = statSync(folder).mode & 0o777
  if ((mode & 0o077) === 0) return ok(NAME, `${folder} is its owner's alone`)
  return warning(NAME, `others than its owner can enter ${folder} (mode ${mode.toString(8)})`, `chmod 700 ${folder}`)
}

function checkRoom(folder: string): Check {
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  const what = `${bytes(free)} free for ${folder}`
  if (free < TOO_LITTLE) return failed('data disk', `only ${what}`, FREE_SPACE)
  return free < LITTLE ? warning('data disk', `only ${what}`, FREE_SPACE) : ok('data disk', what)
}
