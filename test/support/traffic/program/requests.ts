import { randomBytes } from 'node:crypto'
import { Agent, type ClientRequest, type IncomingMessage, request as open } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failed } from './failure.ts'
import type { Answer } from './pages.ts'
import { clock, type Tally } from './tally.ts'

/** Requests on a schedule that no slow answer delays. */
export interface RequestsPlan {
  kind: 'requests'
  url: string
  perSecond: number
  connections: 'kept' | 'new'
  /** Bytes that are posted; a GET when absent. */
  body?: number
  /** How long the service was asked to take; it does not count as latency. */
  expectedMs?: number
  timeoutMs?: number
}

/** Connections that each have had one request, and get a second one only at the end. */
export interface IdlePlan {
  kind: 'idle'
  url: string
  connections: number
  timeoutMs?: number
}

/** A client that runs; `end` resolves when nothing of it is under way any more. */
export interface Client {
  end(): Promise<void>
}

/** Every request that fails is counted, and none is repeated. */
export function sendRequests(plan: RequestsPlan, tally: Tally): Client {
  const agent = plan.connections === 'kept' ? new Agent({ keepAlive: true, maxFreeSockets: 1_000 }) : false
  const underWay = new Set<Promise<void>>()
  const pauseMs = 1_000 / plan.perSecond
  let next = clock() + Math.random() * pauseMs
  let timer = setTimeout(due, next - clock())

  function due(): void {
    for (; next <= clock(); next += pauseMs) send(next)
    timer = setTimeout(due, next - clock())
  }

  function send(at: number): void {
    const one = ask({ ...plan, agent, at }, tally).then(
      () => void underWay.delete(one),
      () => void underWay.delete(one),
    )
    underWay.add(one)
  }

  return {
    async end() {
      clearTimeout(timer)
      await Promise.all(underWay)
      if (agent) agent.destroy()
    },
  }
}

/** Opens the connections one after the other; whatever fails then already counts. */
export function keepIdle(plan: IdlePlan, tally: Tally): Client {
  const agents = Array.from({ length: plan.connections }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  const ended = new AbortController()
  const opened = openAll()

  async function openAll(): Promise<void> {
    for (const agent of agents) {
      if (ended.signal.aborted) return
      await ask({ ...plan, agent, at: clock() }, tally).catch(() => {})
      await sleep(10)
    }
  }

  return {
    async end() {
      ended.abort()
      await opened
      await Promise.all(agents.map((agent) => ask({ ...plan, agent, at: clock(), reuse: true }, tally).catch(() => {})))
      for (const agent of agents) agent.destroy()
    },
  }
}

interface Asked {
  url: string
  agent: Agent | false
  at: number
  body?: number
  expectedMs?: number
  timeoutMs?: number
  /** A new connection would be a failure. */
  reuse?: boolean
}

/** One request, counted; rejects when it failed. */
async function ask(asked: Asked, tally: Tally): Promise<void> {
  const id = randomBytes(9).toString('hex')
  tally.sent()
  try {
    await exchange(asked, id)
  } catch (error) {
    tally.failed(asked.at, error)
    throw error
  }
  tally.answered(asked.at, asked.expectedMs)
  if (asked.body !== undefined) tally.report.acknowledged.push(id)
}

function exchange(asked: Asked, id: string): Promise<void> {
  const { url, agent, body, expectedMs = 0, timeoutMs = 10_000, reuse = false } = asked
  const target = new URL(url)
  target.searchParams.set('id', id)
  return new Promise((resolve, reject) => {
    const outgoing = open(target, { agent, method: body === undefined ? 'GET' : 'POST' }, (response) => {
      read(response, id).then(resolve, reject)
    })
    const limit = setTimeout(
      () => give(new Failed('no answer in time', `none in ${timeoutMs} ms`)),
      timeoutMs + expectedMs,
    )
    function give(error: Error): void {
      outgoing.destroy()
      reject(error)
    }
    outgoing.on('close', () => clearTimeout(limit))
    outgoing.on('error', reject)
    if (reuse) outgoing.on('socket', () => needReuse(outgoing, give))
    outgoing.end(body === undefined ? undefined : 'x'.repeat(body))
  })
}

function needReuse(outgoing: ClientRequest, give: (error: Error) => void): void {
  if (!outgoing.reusedSocket) give(new Failed('closed while idle', 'a new connection would have been needed'))
}

async function read(response: IncomingMessage, id: string): Promise<void> {
  let text = ''
  for await (const chunk of response) text += chunk
  const { statusCode = 0 } = response
  const answer = parse(text)
  if (answer?.outbound !== undefined) throw new Failed('outbound failed', answer.outbound)
  if (statusCode !== 200) throw new Failed(`status ${statusCode}`, text.slice(0, 200))
  if (answer?.id !== id) throw new Failed('wrong answer', text.slice(0, 200))
}

function parse(text: string): Answer | null {
  try {
    return JSON.parse(text) as Answer
  } catch {
    return null
  }
}
