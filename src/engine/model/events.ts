import type { SimulatedContainer } from '../../decide/simulation/world.ts'
import type { EngineEvent } from '../engine.ts'

/** The events a real engine would have sent while its containers went from `before` to `after`. */
export function changesBetween(before: SimulatedContainer[], after: SimulatedContainer[]): EngineEvent[] {
  // Containers of Docker Compose tell nothing: their events are not listened to.
  const [old, now] = [before, after].map((containers) => containers.filter(({ adopted }) => !adopted))
  return changesOf(old ?? [], now ?? [])
}

function changesOf(before: SimulatedContainer[], after: SimulatedContainer[]): EngineEvent[] {
  const gone = before.filter((old) => !after.some((container) => container.id === old.id))
  return [
    ...after.flatMap((container) => {
      const old = before.find(({ id }) => id === container.id)
      return [...actionsOf(old, container).map((action) => event(container, action)), ...joinings(old, container)]
    }),
    ...gone.map((container) => event(container, 'destroy')),
  ]
}

const INTERRUPTING = new Set(['die', 'destroy', 'health_status: unhealthy'])

function event(container: SimulatedContainer, action: string): EngineEvent {
  return {
    stack: container.stack,
    container: container.name,
    action,
    interrupts: INTERRUPTING.has(action),
    byHand: false,
  }
}

/** Networks that it joined or left. */
function joinings(old: SimulatedContainer | undefined, now: SimulatedContainer): EngineEvent[] {
  const [before, after] = [Object.keys(old?.attached ?? {}), Object.keys(now.attached)]
  const left = before.filter((network) => !after.includes(network))
  const joined = after.filter((network) => !before.includes(network))
  return [
    ...left.map((resource) => ({ ...event(now, 'disconnect'), resource })),
    ...joined.map((resource) => ({ ...event(now, 'connect'), resource })),
  ]
}

/** In the order an engine tells them: one that was started and ended within one look did both. */
function actionsOf(old: SimulatedContainer | undefined, now: SimulatedContainer): string[] {
  const actions: string[] = []
  const started = now.startedAt !== (old?.startedAt ?? '')
  const wasRunning = old?.state === 'running' || old?.state === 'paused'
  if (!old) actions.push('create')
  if (wasRunning && (started || now.state === 'exited')) actions.push('die')
  if (started) actions.push('start')
  if (started && now.state === 'exited') actions.push('die')
  if (now.state === 'running' && now.health !== old?.health && now.health !== 'none' && now.health !== 'starting') {
    actions.push(`health_status: ${now.health}`)
  }
  return actions
}
