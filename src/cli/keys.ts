import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs'
import { HoldfastError, reasonOf } from '../model/errors.ts'
import { type Keys, keysOf } from '../model/keys.ts'
import type { Settings } from '../settings/settings.ts'
import type { HistoryEntry, Store } from '../store/store.ts'

const KEY = /^[0-9a-f]{64}$/

const CHANGED =
  'the key file is another one than before: releases that were stored with it cannot be read, and going back to one ' +
  'of them needs git; nothing is restarted for it, and what git asks for is stored anew. A secret that changed in git ' +
  'at the same time reaches its containers when their service changes next'

/**
 * The keys of the key file, which is made where there is none. Throws a HoldfastError for a file that others can read,
 * that does not hold a key, or that cannot be used.
 */
export function readKeys({ keyFile: file }: Pick<Settings, 'keyFile'>): Keys {
  try {
    return keysOf(read(file) ?? make(file))
  } catch (cause) {
    if (cause instanceof HoldfastError) throw cause
    const text = `The key file ${file} cannot be used: ${reasonOf(cause)}.`
    throw new HoldfastError('terminal', `${text} Make its folder, or name another file with --key-file.`, { cause })
  }
}

/** For looking at manifests where nothing is kept: names of secrets are good for this once. */
export function throwAwayKeys(): Keys {
  return keysOf(newKey())
}

/** A key that is another one than before is told of once, to each stack that had releases stored with it. */
export function noteKey({ id }: Keys, store: Store, report: (entry: HistoryEntry) => void): void {
  const before = store.keyId()
  if (before === id) return
  const stacks = before === null ? [] : store.stacks()
  for (const stack of stacks) report({ stack, kind: 'key-changed', release: null, message: CHANGED, logs: [] })
  store.saveKeyId(id)
}

function read(file: string): string | null {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) return null
  if ((found.mode & 0o077) !== 0) {
    const text = `The key file ${file} can be read by others than its owner. Run: chmod 600 ${file}`
    throw new HoldfastError('terminal', text)
  }
  const key = readFileSync(file, 'utf8').trim()
  if (KEY.test(key)) return key
  const text = `The key file ${file} does not hold a key, which is 64 hex digits.`
  const next =
    'Put the right file in its place, or move it away: a new key is made then, nothing is restarted, and stored releases are lost.'
  throw new HoldfastError('terminal', `${text} ${next}`)
}

/** Linked into place whole, so that of two processes that begin at once both read the same key. */
function make(file: string): string {
  const draft = `${file}.${process.pid}`
  const opened = openSync(draft, 'wx', 0o600)
  try {
    writeSync(opened, `${newKey()}\n`)
    fsyncSync(opened)
    linkSync(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    closeSync(opened)
    unlinkSync(draft)
  }
  const made = read(file)
  if (made === null) throw new Error('it is a link that leads nowhere')
  return made
}

function newKey(): string {
  return randomBytes(32).toString('hex')
}
