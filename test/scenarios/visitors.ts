import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from '../support/client.ts'

/** One request, and what became of it. */
export interface Visit {
  /** Milliseconds since 1970. */
  sentAt: number
  version: string
  /** Empty when it was answered well. */
  failure: string
}

export interface Visitors {
  /** Those that were answered, or failed. */
  visits: Visit[]
  failures(): string[]
  /** Versions that answered, in the order in which they first did. */
  versions(): string[]
  /** Sends nothing new, and waits for what is under way. */
  end(): Promise<void>
}

/** Asks a port at a constant rate, by turns over connections that are kept and over new ones. */
export function visit(port: number, perSecond = 20, path = '/'): Visitors {
  const agent = new Agent({ keepAlive: true })
  const visits: Visit[] = []
  const underWay = new Set<Promise<void>>()
  let count = 0

  async function send(): Promise<void> {
    count += 1
    const sentAt = Date.now()
    try {
      const { status, body } = await ask(port, path, count % 2 === 0 ? { agent } : {})
      visits.push({ sentAt, version: versionOf(body), failure: status === 200 ? '' : `status ${status}` })
    } catch (error) {
      visits.push({ sentAt, version: '', failure: String(error) })
    }
  }

  const timer = setInterval(() => {
    const one = send().finally(() => underWay.delete(one))
    underWay.add(one)
  }, 1_000 / perSecond)
  return {
    visits,
    failures: () => visits.flatMap(({ sentAt, failure }) => (failure === '' ? [] : [`${sentAt} ${failure}`])),
    versions: () => [...new Set(visits.flatMap(({ version, failure }) => (failure === '' ? [version] : [])))],
    async end() {
      clearInterval(timer)
      await Promise.all(underWay)
      agent.destroy()
    },
  }
}

/** Milliseconds until something that is tried again and again goes well. */
export async function backAfter(works: () => Promise<boolean>, limitMs = 30_000): Promise<number> {
  const begun = performance.now()
  while (!(await works().catch(() => false))) {
    if (performance.now() - begun > limitMs) throw new Error(`Not back after ${limitMs} ms.`)
    await sleep(20)
  }
  return performance.now() - begun
}

/** The sample services say their version in JSON, the sample apps alone. */
function versionOf(body: string): string {
  const text = body.trim()
  return text.startsWith('{') ? String(JSON.parse(text).version) : text
}
