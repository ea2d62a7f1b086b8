import { reasonOf } from '../model/errors.ts'
import type { Probe } from '../model/stack.ts'
import type { ProbedHealth, ProbedReplica, Prober, ProberOptions } from './prober.ts'
import { question } from './question.ts'

interface Asking extends ProbedReplica, ProbedHealth {
  stack: string
  /** Unanswered questions in a row. */
  failures: number
  askedForMs: number
  timer: NodeJS.Timeout | null
}

/**
 * Asks over the network, from this process: it reaches replicas of an engine on the same host, on networks that the
 * host reaches. The counting is that of the engine's own health checks: one good answer makes healthy, `retries` bad
 * ones in a row make unhealthy, and bad ones within the start period do not count before the first good one.
 */
export function directProber({ onChange }: ProberOptions): Prober {
  const all = new Map<string, Asking>()

  function begin(stack: string, replica: ProbedReplica): Asking {
    const asking: Asking = {
      ...{ ...replica, stack, health: 'starting', asked: 0, complaint: '', failures: 0, askedForMs: 0, timer: null },
    }
    all.set(replica.container, asking)
    schedule(asking)
    return asking
  }

  function end(asking: Asking): void {
    if (asking.timer) clearTimeout(asking.timer)
    asking.timer = null
    if (all.get(asking.container) === asking) all.delete(asking.container)
  }

  function schedule(asking: Asking): void {
    asking.timer = setTimeout(() => void askOnce(asking), asking.probe.intervalMs)
  }

  async function askOnce(asking: Asking): Promise<void> {
    const complaint = await answerTo(asking.probe, asking.address)
    if (asking.timer === null) return
    const before = asking.health
    note(asking, complaint)
    schedule(asking)
    if (asking.health !== before) onChange(asking.stack, asking.container, asking.health)
  }

  return {
    ask(stack, replicas) {
      const known = [...all.values()].filter((asking) => asking.stack === stack)
      const isWanted = (asking: Asking) => replicas.some((replica) => isSame(asking, replica))
      known.filter((asking) => !isWanted(asking)).forEach(end)
      return new Map(
        replicas.map((replica) => {
          const { health, asked, complaint } = all.get(replica.container) ?? begin(stack, replica)
          return [replica.container, { health, asked, complaint }]
        }),
      )
    },
    stop: () => [...all.values()].forEach(end),
  }
}

function isSame(asking: Asking, { container, startedAt, address, probe }: ProbedReplica): boolean {
  const same = asking.container === container && asking.startedAt === startedAt && asking.address === address
  return same && JSON.stringify(asking.probe) === JSON.stringify(probe)
}

/** What is wrong with the answer; empty when nothing is. */
async function answerTo(probe: Probe, address: string): Promise<string> {
  try {
    await question(probe, address)
    return ''
  } catch (error) {
    return reasonOf(error)
  }
}

function note(asking: Asking, complaint: string): void {
  const { probe } = asking
  asking.asked += 1
  asking.askedForMs += probe.intervalMs
  if (complaint === '') {
    Object.assign(asking, { health: 'healthy', failures: 0, complaint })
    return
  }
  asking.complaint = complaint
  if (asking.health === 'starting' && asking.askedForMs < probe.startPeriodMs) return
  asking.failures += 1
  if (asking.failures >= probe.retries) asking.health = 'unhealthy'
}
