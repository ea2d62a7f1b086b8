import { once } from 'node:events'
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Answer, ask } from '../support/client.ts'
import { freePort } from '../support/port.ts'
import { keepPinging } from '../support/traffic/program/pings.ts'
import { openTally } from '../support/traffic/program/tally.ts'
import { served } from './compose.ts'
import { type Host, startHost } from './host.ts'
import { visit } from './visitors.ts'

const DRAIN_MS = 10_000
const DRAIN = `${DRAIN_MS / 1_000}s`

let host: Host
let port: number
beforeEach(async () => {
  host = await startHost({ traffic: true })
  port = await freePort()
})
afterEach(() => host.close())

/** A rollout that begins while something is under way, and gets to the end. */
const web = (version: string, parts: Record<string, unknown> = {}) =>
  served(version, DRAIN, { ports: [`${port}:8080`], ...parts })

it('T2 a request within the drain limit completes, a longer one is cut at the limit, counted and told', async () => {
  await host.deploy({ services: { web: web('v1') } })
  const long = endOf(ask(port, '/slow?ms=600000'))
  const commit = await host.commit({ services: { web: web('v2') } })
  await host.eventually(async () => (await host.running()).length === 2, 'the new one beside the old one')
  const within = ask(port, '/slow?ms=7000')
  await host.eventually(async () => / finishes (one|2) requests? before/.test(wordsOf(host)), 'what is waited for')
  expect(JSON.parse((await within).body)).toMatchObject({ version: 'v1' })
  const cut = await long
  const entry = await host.settled(commit)
  expect(cut.answered).toBe(false)
  expect(cut.at - toldAt('drain')).toBeGreaterThanOrEqual(DRAIN_MS - 500)
  expect(toldOf('stop')[0]?.message).toContain(`1 request is cut off after ${DRAIN_MS / 1_000} s`)
  expect(entry.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  expect(JSON.parse((await ask(port)).body)).toMatchObject({ version: 'v2' })
})

it('T3 what lasts is kept to the limit on the service that is rolled out, and never disturbed on another', async () => {
  const other = await freePort()
  const compose = (version: string) => ({
    services: { web: web(version), other: served('other', DRAIN, { ports: [`${other}:8080`] }) },
  })
  await host.deploy(compose('v1'))
  const lines = [openTally('rolled'), openTally('other')] as const
  const pings = [port, other].map((one, index) => {
    const plan = { kind: 'pings' as const, url: `ws://127.0.0.1:${one}`, everyMs: 200 }
    return keepPinging(plan, lines[index === 0 ? 0 : 1])
  })
  const bystanders = [upload(other, 200, 20_000), eventsFrom(other, 200)]
  await host.eventually(async () => lines.every(({ report }) => report.answered > 0), 'both websockets')
  const commit = await host.commit(compose('v2'))
  await host.eventually(async () => (await host.running()).length === 3, 'the new one beside the old one')
  const kept = [upload(port, 200, 7_000), eventsFrom(port, 70)]
  await host.eventually(async () => toldOf('drain').length > 0, 'the old one to be drained')
  expect(await Promise.all(kept)).toEqual([200_000_000, 70])
  await host.eventually(async () => lines[0].report.farewells > 0, 'the farewell to the websocket')
  expect(Date.now() - toldAt('drain')).toBeGreaterThanOrEqual(DRAIN_MS - 500)
  await host.settled(commit)
  expect(await Promise.all(bystanders)).toEqual([200_000_000, 200])
  await Promise.all(pings.map((one) => one.end()))
  expect(lines[0].report).toMatchObject({ farewells: 1, failures: {} })
  expect(lines[1].report).toMatchObject({ farewells: 0, failures: {} })
})

it('T4 no request reaches an app that ignores the stop signal, once it has left', async () => {
  const deaf = { environment: { ON_TERM: 'ignore' }, stop_grace_period: '4s' }
  await host.deploy({ services: { web: web('v1', deaf) } })
  const visitors = visit(port, 40)
  const entry = await host.deploy({ services: { web: web('v2', deaf) } })
  await visitors.end()
  expect(entry.status?.sync).toBe('Synced')
  expect(visitors.failures()).toEqual([])
  const left = toldAt('drain')
  // The signal came, and it went on for as long as it is given.
  expect(toldAt('stop') - left).toBeGreaterThan(4_000)
  const since = visitors.visits.filter(({ sentAt }) => sentAt > left).map(({ version }) => version)
  expect(since.length).toBeGreaterThan(40)
  expect(new Set(since)).toEqual(new Set(['v2']))
})

it('T5 no request fails of an app that ends at once on the stop signal', async () => {
  const abrupt = (version: string) => ({
    services: { web: web(version, { replicas: 2, environment: { ON_TERM: 'drop' } }) },
  })
  await host.deploy(abrupt('v1'))
  const visitors = [visit(port, 40), visit(port, 5, '/slow?ms=1500')]
  await host.deploy(abrupt('v2'))
  await Promise.all(visitors.map((one) => one.end()))
  expect(visitors.flatMap((one) => one.failures())).toEqual([])
  expect(visitors[0]?.versions()).toEqual(['v1', 'v2'])
})

/** Steps that were taken with the service that is rolled out, newest first. */
function toldOf(kind: string) {
  return host.history().filter((told) => told.kind === 'step' && told.message.startsWith(`${kind} web.`))
}

/** When the last such step was done, in milliseconds since 1970. */
function toldAt(kind: string): number {
  return Date.parse(toldOf(kind)[0]?.at ?? '')
}

const wordsOf = (of: Host) => JSON.stringify(of.entry().status)

/** Whether a request was answered by a replica, and when it ended. */
async function endOf(asked: Promise<Answer>): Promise<{ answered: boolean; at: number }> {
  const answered = await asked.then(
    ({ status }) => status === 200,
    () => false,
  )
  return { answered, at: Date.now() }
}

/** Sends so many megabytes at an even pace. Resolves to the bytes that arrived. */
async function upload(to: number, megabytes: number, forMs: number): Promise<number> {
  const piece = Buffer.alloc(1_000_000)
  const begun = performance.now()
  async function* pieces() {
    for (let sent = 0; sent < megabytes; sent += 1) {
      yield piece
      await sleep(begun + ((sent + 1) * forMs) / megabytes - performance.now())
    }
  }
  const sent = request({ host: '127.0.0.1', port: to, path: '/upload', method: 'POST' })
  const answered = once(sent, 'response')
  await pipeline(Readable.from(pieces()), sent)
  const [response] = await answered
  return JSON.parse(await text(response)).bytes
}

/** How many of so many server-sent events came, one each tenth of a second. */
async function eventsFrom(from: number, count: number): Promise<number> {
  const { body } = await ask(from, `/events?count=${count}&every=100`)
  return body.match(/^data: /gm)?.length ?? 0
}
