import type { Observed } from '../model/observed.ts'
import type { Asked, StackRecord } from '../model/record.ts'
import type { Release } from '../model/release.ts'
import type { StackStatus } from '../model/status.ts'
import type { Step } from '../model/steps.ts'

/** What is wanted of one stack. */
export interface Desired {
  stack: string
  /** What git asks for; null while its manifest is invalid, an image cannot be looked up, or the stack is gone. */
  latest: Release | null
  /** Why `latest` is null although the stack is there; null otherwise. */
  blocked: string | null
  /** The stack's folder is gone: everything but its volumes is to be removed. */
  gone: boolean
  /** The stored content of the record's stable release; null when there is none or it was lost. */
  stable: Release | null
  /** The stored content of the stable release before that one. */
  previous: Release | null
  /** The stored content of the release that the record's rollout brings in; null when there is none. */
  rolling: Release | null
  /** In words: the stack that this one's release has to wait for; null when it may be rolled out. */
  waitsFor: string | null
  /** Where networks of ours get their subnets from, in CIDR notation. */
  pool: string
}

export interface Decision {
  /** To be saved before the first step is carried out. */
  record: StackRecord
  /** Independent of each other: they may be carried out side by side. */
  steps: Step[]
  /** Look again after so many milliseconds even if nothing happens; null when only an event can change anything. */
  wakeInMs: number | null
  status: StackStatus
}

/** What one pass works on: the aim is chosen, the record is watched up to now. */
export interface Scene {
  desired: Desired
  observed: Observed
  record: StackRecord
}

/**
 * What a pass is after.
 * `roll`: bring git's release in, and quarantine it when it fails. `back`: return to the stable release.
 * `pause`: begin nothing more of the release, and keep each slot at the version that it has.
 * `mend`: the release that should run does run; put right what is not. `remove`: the stack is gone, or was taken down.
 * `hold`: keep what runs.
 */
export type Aim = TowardsRelease | Removal | { mode: 'hold'; why: string; stopFailed: boolean }

export interface Removal {
  mode: 'remove'
  /** A person asked for it, and may want it back; null when git does not have the stack any more. */
  down: Asked | null
}

export interface TowardsRelease {
  mode: 'roll' | 'pause' | 'back' | 'mend'
  release: Release
  /** Paused not by a person, but until another stack is there: what the containers need may be brought meanwhile. */
  waitsFor?: string
}

/** Something a release did wrong by itself. */
export interface Verdict {
  reason: string
  /** `<service>.<slot>`, where it concerns one. */
  slot?: string
  service?: string
  container?: string
}
