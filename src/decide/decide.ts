import type { Observed } from '../model/observed.ts'
import type { Moment, StackRecord } from '../model/record.ts'
import type { Step } from '../model/steps.ts'
import { admit } from './adopt.ts'
import { chooseAim } from './aim.ts'
import { announce } from './announce.ts'
import { cleanSteps, markSteps, removeSteps, stopFailedSteps } from './clean.ts'
import { noteData } from './data.ts'
import type { Aim, Decision, Desired, Scene, TowardsRelease } from './desired.ts'
import { watchGates } from './gate.ts'
import { noteJobs } from './jobs.ts'
import { judge, noteTrouble } from './judge.ts'
import { isLeftAlone, tidySteps } from './left-alone.ts'
import { findObstacles, isInTheWay, type Obstacle } from './obstacle.ts'
import { isDone, servicesOf } from './order.ts'
import { judgePaused, pausedSteps } from './pause.ts'
import { prepareSteps } from './prepare.ts'
import { recognise } from './recognise.ts'
import { isRestoring, noteRestored, restoreSteps } from './restore.ts'
import { beginRollout, complete, isComplete, watchRollout } from './rollout.ts'
import { changeSteps } from './services.ts'
import { describeStatus } from './status.ts'
import { onceEach } from './step.ts'
import { leaveAlone } from './suspend.ts'
import { type Timed, takeTime } from './time.ts'
import { closeSteps } from './traffic/entries.ts'
import { busyOnes, noteLeaving, watchTraffic } from './traffic/leaving.ts'
import { listingSteps } from './traffic/listing.ts'
import { trafficSteps } from './traffic/prepare.ts'
import { nextWakeMs } from './wake.ts'

/**
 * The whole rollout. Given what is wanted, what is there, what must be remembered and what time it is, says what to
 * remember now, which steps to take next, when to look again, and what to tell people. Pure: no I/O, no clock, no
 * random numbers, and nothing that was passed in is changed.
 */
export function decide(desired: Desired, observed: Observed, record: StackRecord, now: Moment): Decision {
  return decideOn(admit(recognise({ desired, observed, record })), now)
}

function decideOn({ desired, observed, record }: Scene, now: Moment): Decision {
  if (record.suspended) return leaveAlone({ desired, observed, record })
  const timed = takeTime(withMark(record, observed), observed.watch, now)
  const first = chooseAim(desired, timed.record)
  const watched = watchGates(observed, releaseOf(first), timed)
  const judged = passJudgement({ desired, observed, record: watched }, first, record.trouble?.waitMs === 0)
  const aim = chooseAim(desired, judged)
  const moved = moveOn({ desired, observed, record: judged }, aim, timed)
  if (isTowards(aim) && isComplete(moved, aim)) return finish({ desired, observed, record: moved }, aim)
  return act({ desired, observed, record: moved }, aim)
}

/** A lost database knows no stable release; the engine's mark does. */
function withMark(record: StackRecord, observed: Observed): StackRecord {
  return record.stable === null && observed.stableMark !== null ? { ...record, stable: observed.stableMark } : record
}

function passJudgement(scene: Scene, aim: Aim, tried: boolean): StackRecord {
  const touched = noteData({ ...scene, record: noteTrouble(scene, aim, tried) }, aim)
  const record = noteJobs(touched, scene.observed, aim)
  if (aim.mode === 'pause') return judgePaused({ ...scene, record }, aim)
  return isTowards(aim) ? judge({ ...scene, record }, aim) : record
}

function moveOn(scene: Scene, aim: Aim, timed: Timed): StackRecord {
  const begun = { ...scene, record: beginRollout(scene.record, aim, scene.desired) }
  const watched = { ...begun, record: watchTraffic(begun, aim, timed.observedMs) }
  return aim.mode === 'hold' && aim.stopFailed ? noteRestored(watched) : watchRollout(watched, aim, timed)
}

/** Nothing is done in the pass that completes a rollout: the next one sees it as the stable release. */
function finish(scene: Scene, aim: TowardsRelease): Decision {
  const record = complete(scene.record, aim)
  const status = describeStatus({ ...scene, record }, { ...aim, mode: 'mend' }, null, true)
  return { record, steps: [], wakeInMs: 0, status }
}

function act(scene: Scene, aim: Aim): Decision {
  const obstacles = isTowards(aim) ? findObstacles(scene, aim) : []
  const steps = (scene.record.trouble?.waitMs ?? 0) > 0 ? [] : nextSteps(scene, aim, obstacles)
  const record = noteLeaving(announce(scene.record, steps, scene.observed, aim), steps, scene)
  const announced = { ...scene, record }
  const obstacle = obstacles[0]?.words ?? null
  const isBusy = steps.length > 0 || busyOnes(announced).length > 0
  const status = describeStatus(announced, aim, obstacle, isBusy)
  return { record, steps, wakeInMs: nextWakeMs(announced, aim, steps, obstacle), status }
}

/** First what containers need, then the containers, and when all of them are in place, the tidying up. */
function nextSteps(scene: Scene, aim: Aim, obstacles: Obstacle[]): Step[] {
  if (aim.mode === 'remove') return removeSteps(scene, aim)
  if (aim.mode === 'hold') return aim.stopFailed ? holdSteps(scene) : listingSteps(scene)
  const isFree = (step: Step) => !obstacles.some((obstacle) => isInTheWay(obstacle, step))
  if (aim.mode === 'pause') return pausedSteps(scene, aim, isFree)
  // A release is brought in whole or not at all; when mending, what an obstacle does not concern goes on.
  if (obstacles.length > 0 && aim.mode !== 'mend') return []
  if (isLeftAlone(aim)) return tidySteps(scene, aim)
  const preparing = prepareSteps(scene, aim).filter(isFree)
  if (preparing.length > 0) return preparing
  const traffic = trafficSteps(scene, aim.release)
  if (traffic.length > 0) return traffic
  const changing = changeSteps(scene, aim).filter(isFree)
  if (changing.length > 0 || aim.mode !== 'mend' || obstacles.length > 0) return changing
  const settled = servicesOf(aim.release).every((service) => isDone(scene, aim, service))
  return settled ? cleanSteps(scene, aim) : markSteps(scene, aim.release)
}

/** Nothing of ours is there to go back to: what failed is stopped, and what Compose ran comes back. */
function holdSteps(scene: Scene): Step[] {
  const closing = isRestoring(scene) ? closeSteps(scene, 'what docker compose ran publishes its ports by itself') : []
  if (closing.length > 0) return closing
  return [...stopFailedSteps(scene), ...restoreSteps(scene), ...listingSteps(scene)].reduce(onceEach, [])
}

function isTowards(aim: Aim): aim is TowardsRelease {
  return aim.mode !== 'remove' && aim.mode !== 'hold'
}

function releaseOf(aim: Aim): TowardsRelease['release'] | null {
  return isTowards(aim) ? aim.release : null
}
