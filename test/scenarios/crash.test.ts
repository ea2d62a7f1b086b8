import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { web } from './compose.ts'
import { ask } from './engine.ts'
import { type Host, startHost } from './host.ts'

/** Random, but told on failure and repeatable: `HOLDFAST_CRASH_SEED=… npx vitest run test/scenarios/crash.test.ts`. */
const SEED = Number(process.env.HOLDFAST_CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31))
const KILLS = 10

let host: Host

beforeEach(async () => {
  host = await startHost()
})
afterEach(() => host.close())

/** Two services, one after the other, the second with more to lose; one of them cannot overlap. */
const stack = (back: string, front: string, environment: Record<string, string> = {}) => ({
  services: {
    back: web(back, { volumes: ['data:/data'] }),
    front: web(front, { environment, replicas: 3, depends_on: { back: { condition: 'service_healthy' } } }),
  },
  volumes: { data: null },
})

describe(`kill -9 at random moments (seed ${SEED})`, () => {
  it('of a rollout: the next start finishes it, with the right version and count, nothing left and nothing double', async () => {
    await host.deploy(stack('app:1', 'app:1'))
    const image = (round: number) => (round % 2 === 0 ? 'app:2' : 'app:1')
    const last = await killWhileRolling((round) => stack(image(round), image(round)), random(SEED), 'rollout')
    const entry = await host.settled(last.commit)
    expect(entry.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    await isExactly(image(last.round), image(last.round + 1))
  })

  it('of failing releases and their rollbacks: the stable release runs, each bad one was tried once', async () => {
    await host.deploy(stack('app:1', 'app:1'))
    const bad = (round: number) => stack('app:2', 'app:exits-soon', { ROUND: `${round}` })
    const last = await killWhileRolling(bad, random(SEED + 1), 'rollback')
    const entry = await host.settled(last.commit)
    expect(entry.status).toMatchObject({ sync: 'RolledBack', health: 'Healthy' })
    const failures = host
      .history()
      .filter((told) => told.kind === 'failed')
      .map((told) => told.release)
    expect(failures.length).toBe(new Set(failures).size)
    expect(Object.keys(entry.record.quarantine).length).toBe(last.round + 1)
    await isExactly('app:1', 'app:2')
  })
})

/**
 * Kills and starts again until that happened ten times while a rollout, or a rollback, was under way; where one ends
 * before, the next one is committed.
 */
async function killWhileRolling(
  compose: (round: number) => unknown,
  next: () => number,
  kind: 'rollout' | 'rollback',
): Promise<{ round: number; commit: string }> {
  let last = { round: 0, commit: await host.commit(compose(0)) }
  for (let killed = 0; killed < KILLS; ) {
    await host.eventually(async () => isUnderWay(kind) || isOver(last.commit), `the ${kind} to go on`)
    // Shorter than the windows that begin anew with every start, or long enough for them, as it comes.
    await sleep(next() * 2_500)
    if (isOver(last.commit)) {
      const round = last.round + 1
      last = { round, commit: await host.commit(compose(round)) }
    } else if (isUnderWay(kind)) {
      await host.kill()
      await host.start()
      killed += 1
    }
  }
  return last
}

const isUnderWay = (kind: string) => host.entry().record.rollout?.kind === kind

function isOver(commit: string): boolean {
  const { latest, record, status } = host.entry()
  if (latest?.commit !== commit || latest.digest === null || record.rollout !== null) return false
  return (
    status?.health === 'Healthy' && (record.stable === latest.digest || record.quarantine[latest.digest] !== undefined)
  )
}

/** Every slot runs one container of `image`, ready and promoted; what else there is, is stopped and kept for a reason. */
async function isExactly(image: string, kept: string): Promise<void> {
  const all = await host.containers()
  const running = all.filter((seen) => seen.state === 'running')
  const where = ['back.1', 'front.1', 'front.2', 'front.3']
  expect(running.map((seen) => `${seen.service}.${seen.slot}`)).toEqual(where)
  for (const seen of running) {
    expect(seen).toMatchObject({ image, restart: 'unless-stopped', health: 'healthy' })
    expect(await ask(seen)).toBe(image)
  }
  const stopped = all.filter((seen) => seen.state !== 'running')
  for (const seen of stopped) expect([kept, 'app:exits-soon']).toContain(seen.image)
  expect(stopped.filter((seen) => seen.restart !== 'no')).toEqual([])
  const keptSlots = stopped.filter((seen) => seen.image === kept).map((seen) => `${seen.service}.${seen.slot}`)
  expect(keptSlots.length).toBe(new Set(keptSlots).size)
}

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
