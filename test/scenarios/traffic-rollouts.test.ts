import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { resultOf } from '../bench/traffic/figures.ts'
import { openHoldfast } from '../bench/traffic/holdfast.ts'
import { measure } from '../bench/traffic/measure.ts'
import type { Behaviour } from '../bench/traffic/stack.ts'
import type { Way } from '../bench/traffic/way.ts'
import type { Host } from './host.ts'

/** Enough to hit every moment of an update; how much it can take is the bench's to find out. */
const PER_SECOND = 20
const PAUSE_MS = 2_000

let holdfast: Way & { host: Host }
beforeEach(async () => {
  const engine = { socket: inject('engineSocket'), addresses: inject('engineAddresses') }
  holdfast = await openHoldfast(engine, { perSecond: PER_SECOND, replicas: 1 })
})
afterEach(() => holdfast?.close())

/** What the clients, outside and inside, and the services saw of these updates. */
async function seen(way: Way, updates: Behaviour[]) {
  const lines: string[] = []
  const result = resultOf(
    await measure(way, { updates, perSecond: PER_SECOND, pauseMs: PAUSE_MS, say: (line) => lines.push(line) }),
  )
  return { result, told: [...lines, ...result.incidents].join('\n') }
}

const ALL_WELL = { failures: 0, twice: 0, lost: 0, disturbed: 0, websockets: { cut: 0 } }

describe('under constant load, by port and by name, no request fails, none is executed twice, nothing else is disturbed', () => {
  it('T1 in rollouts that go well and that do not', async () => {
    const { result, told } = await seen(holdfast, ['good', 'exits', 'good', 'turns-unhealthy'])
    expect(result, told).toMatchObject(ALL_WELL)
    expect(result.requests).toBeGreaterThan(500)
  })

  it('C1 with kill -9 at each moment of a rollout', async () => {
    const update = async (version: number, behaviour: Behaviour) => {
      const isOver = new AbortController()
      const killing = killAgainAndAgain(holdfast.host, MOMENTS[version - 1] ?? [], isOver.signal)
      try {
        return await holdfast.update(version, behaviour)
      } finally {
        isOver.abort()
        killed.push(...(await killing))
      }
    }
    const killed: string[] = []
    const { result, told } = await seen({ ...holdfast, update }, ['good', 'good', 'turns-unhealthy'])
    expect(result, told).toMatchObject(ALL_WELL)
    expect(killed).toEqual(MOMENTS.flat())
    const running = (await holdfast.host.running()).filter(({ service }) => service === 'web')
    expect(running.map(({ slot, restart }) => [slot, restart])).toEqual([[1, 'unless-stopped']])
  })
})

/** By rollout: after which steps with the service that is rolled out, or between them, it is killed. */
const MOMENTS = [
  ['create', 'admit', 'drain'],
  ['start', 'promote', 'later', 'drain'],
  // It turns sick before it can be promoted.
  ['create', 'start'],
]

/** Kills and starts Holdfast at each of these moments, until it is over. Resolves to those that came. */
async function killAgainAndAgain(host: Host, moments: string[], isOver: AbortSignal): Promise<string[]> {
  const killed: string[] = []
  for (const moment of moments) {
    if (moment === 'later') await sleep(700)
    else await next(host, moment, isOver)
    if (isOver.aborted) break
    await host.kill()
    await host.start()
    killed.push(moment)
  }
  return killed
}

/** Waits for the next step of that kind. */
async function next(host: Host, kind: string, isOver: AbortSignal): Promise<void> {
  const from = host.history()[0]?.id ?? 0
  const isTold = () =>
    host
      .history()
      .some(({ id, message, ...told }) => id > from && told.kind === 'step' && message.startsWith(`${kind} web.`))
  while (!isOver.aborted && !isTold()) await sleep(20)
}
