import { Agent, get } from 'node:http'

/** What a client of the shop has seen. */
export interface Counted {
  /** That have ended, in one way or the other. */
  requests: number
  failures: number
  /** Answers by the version that gave them. */
  answers: Record<string, number>
  /** What the first failure was; empty without one. */
  trouble: string
}

/** Asks the shop for its version at a steady rate, each second request on a connection of its own. */
export interface Client {
  start(): void
  counted(): Counted
  /** Asks nothing more, and waits for what is under way. */
  stop(): Promise<void>
}

const PER_SECOND = 50
const EVERY_MS = 20
const ANSWER_WITHIN_MS = 10_000
/** On a machine that cannot keep up it asks less often. */
const MOST_AT_ONCE = 100
const ANSWER = /^shop (\S+), schema \d+$/

export function openClient(url: string): Client {
  const counted = nothingCounted()
  const kept = new Agent({ keepAlive: true })
  const busy = new Set<Promise<void>>()
  let began = performance.now()
  let asked = 0
  let timer: NodeJS.Timeout | null = null
  async function askOne(agent: Agent | false): Promise<void> {
    try {
      const version = await askVersion(url, agent)
      counted.answers[version] = (counted.answers[version] ?? 0) + 1
    } catch (error) {
      counted.failures += 1
      counted.trouble ||= error instanceof Error ? error.message : String(error)
    }
    counted.requests += 1
  }
  /** What is due by the clock, so that no slow answer puts off the next request. */
  function askDue(): void {
    const due = Math.floor(((performance.now() - began) / 1000) * PER_SECOND)
    for (; asked < due; asked += 1) {
      if (busy.size >= MOST_AT_ONCE) continue
      const one = askOne(asked % 2 === 0 ? kept : false).finally(() => busy.delete(one))
      busy.add(one)
    }
  }
  return {
    start() {
      began = performance.now()
      timer = setInterval(askDue, EVERY_MS)
    },
    counted: () => ({ ...counted, answers: { ...counted.answers } }),
    async stop() {
      if (timer !== null) clearInterval(timer)
      await Promise.all(busy)
      kept.destroy()
    },
  }
}

export function nothingCounted(): Counted {
  return { requests: 0, failures: 0, answers: {}, trouble: '' }
}

/** What came after `before` was counted. */
export function since(before: Counted, now: Counted): Counted {
  const answers = Object.entries(now.answers).map(([version, count]) => {
    return [version, count - (before.answers[version] ?? 0)] as const
  })
  return {
    requests: now.requests - before.requests,
    failures: now.failures - before.failures,
    answers: Object.fromEntries(answers.filter(([, count]) => count > 0)),
    trouble: before.failures < now.failures ? now.trouble : '',
  }
}

/** Rejects for every answer but the right one; nothing is asked twice. */
function askVersion(url: string, agent: Agent | false): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, timeout: ANSWER_WITHIN_MS }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.once('error', reject)
      response.once('end', () => {
        const [, version] = ANSWER.exec(text.trim()) ?? []
        if (response.statusCode === 200 && version !== undefined) resolve(version)
        else reject(new Error(`${response.statusCode}: ${text.slice(0, 80)}`))
      })
    })
    request.once('timeout', () => request.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`)))
    request.once('error', reject)
  })
}
