import type { Asked } from '../model/record.ts'
import { short } from '../model/release.ts'
import type { StackStatus } from '../model/status.ts'
import { chooseAim } from './aim.ts'
import type { Scene } from './desired.ts'
import { mayEnd } from './jobs.ts'
import { resume } from './requests.ts'
import { slotOf } from './step.ts'

/** Who took it down and why: `, by anna: it is too loud`. */
export function askedWords({ by, reason }: Asked): string {
  return `${by ? `, by ${by}` : ''}${reason ? `: ${reason}` : ''}`
}

/** A stack that a person took down; `busy` while something of it is left. */
export function downStatus(scene: Scene, down: Asked, busy: boolean): StackStatus {
  const { desired, observed, record } = scene
  const isLeft = busy || record.trouble !== null || observed.containers.length > 0
  const jobs = observed.containers.filter((c) => mayEnd(scene, c)).map(slotOf)
  const words = [
    ...(record.trouble ? [`${record.trouble.reason}; trying again by itself`] : []),
    `${isLeft ? 'is being taken' : 'is'} down${askedWords(down)}`,
    ...(jobs.length > 0 ? [`waits for the job ${jobs.join(', ')} to end`] : []),
    'its volumes stay',
    ...(desired.blocked ? [`what git asks for cannot be taken up: ${desired.blocked}`] : onResume(scene)),
    `bring it back with: holdfast resume ${desired.stack}`,
  ]
  return {
    sync: record.trouble ? 'Blocked' : 'Suspended',
    health: isLeft ? 'Progressing' : 'Missing',
    services: {},
    message: words.join('; '),
  }
}

function onResume({ desired, record }: Scene): string[] {
  const aim = chooseAim(desired, resume(record))
  return 'release' in aim ? [`on resume release ${short(aim.release.digest)} runs`] : []
}
