import type { StackRecord } from '../model/record.ts'
import { type Release, short } from '../model/release.ts'
import type { Aim, Desired } from './desired.ts'

/** Which release should run, and how it gets there. First match wins. */
export function chooseAim(desired: Desired, record: StackRecord): Aim {
  const { latest, stable } = desired
  // What a person paused stays as it is, whatever git asks for meanwhile.
  if (record.paused && desired.rolling) return { mode: 'pause', release: desired.rolling }
  if (desired.gone) return { mode: 'remove', down: null }
  if (record.down) return { mode: 'remove', down: record.down }

  // A release that is not quarantined is what people asked for. When it is the stable one, nothing can be rolled
  // back any further: failures there are mended, not quarantined.
  const wanted = latest && !record.quarantine[latest.digest] ? latest : null
  if (wanted && wanted.digest !== record.stable) return rollAim(wanted, desired.waitsFor)

  // Its own manifest asks for it: people want to look at the failed release before anything moves.
  const asked = latest !== null && record.quarantine[latest.digest]?.asked === true
  if (!wanted && !asked && latest?.stack.rollback === 'off')
    return { mode: 'hold', why: 'rollback is off for this stack', stopFailed: false }

  const home = wanted ?? stable
  if (home) return { mode: record.rollout ? 'back' : 'mend', release: home }
  // What git asks for may be what runs unproved: until it can be read, nothing is stopped.
  if (record.stable) return { mode: 'hold', why: lostStable(record.stable), stopFailed: latest !== null }
  const why = latest ? 'there is no stable release to go back to' : 'nothing was ever released'
  return { mode: 'hold', why, stopFailed: true }
}

function rollAim(release: Release, waitsFor: string | null): Aim {
  return waitsFor === null ? { mode: 'roll', release } : { mode: 'pause', release, waitsFor }
}

function lostStable(digest: string): string {
  return (
    `the stable release ${short(digest)} runs but its stored content was lost; ` +
    'what runs is kept, and the next commit that becomes stable restores rollback'
  )
}
