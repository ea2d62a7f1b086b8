import { setTimeout as sleep } from 'node:timers/promises'
import type { Replica } from './look.ts'

export interface Measured {
  /** Since the last `reset`. */
  looks: number
  /** The smallest number of healthy replicas of `shop/web` in any of these looks. */
  fewestHealthy: number
  /** Requests to the site since its first answer, and how many were not answered with its page. */
  asked: number
  unanswered: number
}

export interface Monitor {
  replicas(): Replica[]
  measured(): Measured
  reset(): void
  stop(): Promise<void>
}

export interface MonitorOptions {
  look(): Promise<Replica[]>
  askSite(): Promise<boolean>
  onLook(): void
  /** What is wrong when the engine itself cannot be looked at. */
  onTrouble(error: unknown): void
}

const PAUSE_MS = 150

/** Looks at the engine and asks the site for its page, several times a second, until stopped. */
export function startMonitor({ look, askSite, onLook, onTrouble }: MonitorOptions): Monitor {
  let replicas: Replica[] = []
  let measured = nothing()
  let isStopped = false
  async function watch(): Promise<void> {
    while (!isStopped) {
      const [seen, answered] = await Promise.all([look(), askSite()])
      replicas = seen
      measured = addTo(measured, seen, answered)
      onLook()
      await sleep(PAUSE_MS)
    }
  }
  const ended = watch().catch(onTrouble)
  return {
    replicas: () => replicas,
    measured: () => measured,
    reset() {
      measured = { ...measured, looks: 0, fewestHealthy: Number.POSITIVE_INFINITY }
    },
    stop() {
      isStopped = true
      return ended
    },
  }
}

function nothing(): Measured {
  return { looks: 0, fewestHealthy: Number.POSITIVE_INFINITY, asked: 0, unanswered: 0 }
}

function addTo(before: Measured, replicas: Replica[], answered: boolean): Measured {
  const web = replicas.filter(({ stack, service }) => stack === 'shop' && service === 'web')
  const healthy = web.filter(({ health }) => health === 'healthy').length
  return {
    looks: before.looks + 1,
    fewestHealthy: Math.min(before.fewestHealthy, healthy),
    asked: before.asked + (answered || before.asked > 0 ? 1 : 0),
    unanswered: before.unanswered + (answered || before.asked === 0 ? 0 : 1),
  }
}
