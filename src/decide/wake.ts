import type { Step } from '../model/steps.ts'
import type { Aim, Scene } from './desired.ts'
import { healthyLimitMs, monitorMsOf } from './gate.ts'
import { belongsTo, isUp } from './match.ts'
import { isAwaiting } from './restore.ts'
import { finalWindowMs } from './rollout.ts'
import { WARM_UP_MS } from './traffic/arriving.ts'
import { busyOnes } from './traffic/leaving.ts'

/** While something is awaited a look is never further away than this, in case an event is lost. */
export const LONGEST_NAP_MS = 2_000
const OBSTACLE_NAP_MS = 10_000
const TRAFFIC_NAP_MS = 1_000

/** When the next thing can happen that no event tells of; null when nothing can. */
export function nextWakeMs(scene: Scene, aim: Aim, steps: Step[], obstacle: string | null): number | null {
  if (steps.length > 0) return 0
  if (obstacle && aim.mode !== 'mend' && aim.mode !== 'pause') return OBSTACLE_NAP_MS
  const nap = obstacle ? [OBSTACLE_NAP_MS] : []
  const waits = [
    ...nap,
    ...restoreWaits(scene, aim),
    ...gateWaits(scene, aim),
    ...rolloutWaits(scene, aim),
    ...backoffWaits(scene),
    ...trafficWaits(scene),
  ]
  return waits.length === 0 ? null : Math.max(1, Math.min(...waits))
}

function gateWaits({ observed, record, desired }: Scene, aim: Aim): number[] {
  if (aim.mode === 'remove' && !aim.down) return []
  const wanted =
    aim.mode === 'hold' || aim.mode === 'remove'
      ? []
      : [aim.release, ...(aim.mode === 'pause' && desired.stable ? [desired.stable] : [])]
  return observed.containers.flatMap((container) => {
    const gate = record.gates[container.name]
    if (!gate || gate.passed || !isUp(container)) return []
    if (record.failedContainers.includes(container.name)) return []
    // Its limit is watched whether it is still wanted or not.
    if (container.role === 'job') return [LONGEST_NAP_MS]
    if (aim.mode === 'hold' || aim.mode === 'remove' || !wanted.some((release) => belongsTo(container, release)))
      return []
    const monitorMs = monitorMsOf(container, aim.release)
    const left = gate.healthyMs === null ? healthyLimitMs(container) - gate.waitedMs : monitorMs - gate.healthyMs
    return [Math.min(LONGEST_NAP_MS, left)]
  })
}

/** No events tell of what Compose ran. */
function restoreWaits(scene: Scene, aim: Aim): number[] {
  return aim.mode === 'hold' && aim.stopFailed && isAwaiting(scene) ? [LONGEST_NAP_MS] : []
}

function rolloutWaits({ record }: Scene, aim: Aim): number[] {
  if (!record.rollout || aim.mode === 'remove' || aim.mode === 'hold' || aim.mode === 'pause') return []
  const { readyMs } = record.rollout
  const left = readyMs === null ? LONGEST_NAP_MS : finalWindowMs(aim.release) - readyMs
  return [Math.min(LONGEST_NAP_MS, left)]
}

/** No event tells that a request ended, or that a replica is reached and warm. */
function trafficWaits(scene: Scene): number[] {
  const { unreached, warming } = scene.record
  const isAwaited = busyOnes(scene).length > 0 || unreached !== undefined
  const cold = Object.values(warming ?? {}).filter((ms) => ms < WARM_UP_MS)
  return [...(isAwaited ? [TRAFFIC_NAP_MS] : []), ...cold.map((ms) => WARM_UP_MS - ms)]
}

function backoffWaits({ record }: Scene): number[] {
  const waits = [...Object.values(record.healing), ...Object.values(record.drift ?? {})].map(({ waitMs }) => waitMs)
  // Trouble without a wait is looked at once more, to see that the try went well.
  return [...waits.filter((waitMs) => waitMs > 0), ...(record.trouble ? [record.trouble.waitMs] : [])]
}
