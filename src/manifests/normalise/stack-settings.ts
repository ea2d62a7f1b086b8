import type { Stack } from '../../model/stack.ts'
import type { Place } from '../report.ts'
import { nameAsWritten } from '../shape.ts'
import type { StackContext } from './context.ts'
import { durationMs } from './quantity.ts'

/** A stack that this one waits for, and where it says so. */
export interface PlacedStack {
  on: string
  /** The name as it stands in the file. */
  shown: string
  place: Place
}

type Settings = Pick<Stack, 'dependsOn' | 'target' | 'rollback' | 'selfHeal' | 'prune' | 'progressDeadlineMs'>

/** What `x-holdfast` says at the top level, with its defaults. */
export function settingsOf(context: StackContext): Settings {
  const { target, rollback, sync, progressDeadline } = context.data['x-holdfast'] ?? {}
  return {
    dependsOn: [...new Set(awaitedStacks(context).map(({ on }) => on))].sort(),
    target: target ?? '',
    rollback: rollback ?? 'release',
    // An unquoted `off` is false to YAML 1.1, and so to some who write it for us.
    selfHeal: sync?.selfHeal === false ? 'off' : (sync?.selfHeal ?? 'correct'),
    prune: sync?.prune ?? true,
    progressDeadlineMs: durationMs(progressDeadline ?? '10m'),
  }
}

/** The stacks that must be healthy first, references checked or not. */
export function awaitedStacks({ data, manifest }: StackContext): PlacedStack[] {
  const awaited = data['x-holdfast']?.dependsOn ?? []
  return awaited.flatMap((on, at) => {
    const path = ['x-holdfast', 'dependsOn', at]
    return [{ on, shown: nameAsWritten(on, manifest, path), place: manifest.at(path) }]
  })
}
