import { onTestFinished } from 'vitest'
import { keysOf } from '../../src/model/keys.ts'
import { makeRelease, type Release } from '../../src/model/release.ts'
import type { Stack } from '../../src/model/stack.ts'
import { openStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { temporaryFolder } from '../support/temporary.ts'

export function stack(changes: Partial<Stack> = {}): Stack {
  const empty = { services: {}, networks: {}, volumes: {}, files: {}, dependsOn: [], target: '' }
  const policy = { rollback: 'release', selfHeal: 'correct', prune: true, progressDeadlineMs: 600_000 } as const
  return { name: 'shop', ...empty, ...policy, ...changes }
}

export function release(changes: Partial<Stack> = {}, pin = 'sha256:aa', commit = 'c'.repeat(40)): Release {
  return makeRelease(stack(changes), commit, { 'web:1': { reference: pin, local: false } })
}

export function folder(): string {
  const made = temporaryFolder()
  onTestFinished(made.remove)
  return made.path
}

export const KEYS = keysOf('5e'.repeat(32))

export function store(directory = folder(), keys = KEYS): Store {
  const opened = openStore(directory, keys)
  onTestFinished(opened.close)
  return opened
}
