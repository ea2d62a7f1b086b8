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
  /** What was wrong with the first of these; empty without one. */
  trouble: string
}

export interface Monitor {
  replicas(): Replica[]
  measured(): Measured
  reset(): void
  stop(): Promise<void>
}

export interface MonitorOptions {
  look(): Promise<Replica[]>
  /** Resolves to what is wrong with its answer, which is nothing when it is empty. */
  askSite(): Promise<string>
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
      const [seen, wrong] = await Promise.all([look(), askSite()])
      replicas = seen
      measured = addTo(measured, seen, wrong)
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
  return { looks: 0, fewestHealthy: Number.POSITIVE_INFINITY, asked: 0, unanswered: 0, trouble: '' }
}

function addTo(before: Measured, replicas: Replica[], wrong: string): Measured {
  const web = replicas.filter(({ stack, service }) => stack === 'shop' && service === 'web')
  const isAsked = wrong === '' || before.asked > 0
  const healthy = web.filter(({ health }) => health === 'healthy').length
  return {
    looks: before.looks + 1,
    fewestHealthy: Math.min(before.fewestHealthy, healthy),
    asked: before.asked + (isAsked ? 1 : 0),
    unanswered: before.unanswered + (isAsked && wrong !== '' ? 1 : 0),
    trouble: before.trouble || (isAsked ? wrong : ''),
  }
}
