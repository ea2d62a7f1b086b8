import { describe, expect, test } from 'vitest'
import { emptyWorld } from '../src/decide/simulation/world.ts'
import type { Engine } from '../src/engine/engine.ts'
import { modelEngine } from '../src/engine/model/engine.ts'
import { masked } from '../src/masking.ts'
import { StepFailed } from '../src/model/errors.ts'
import { MASK } from '../src/model/mask.ts'
import type { ObservedContainer } from '../src/model/observed.ts'
import type { Release } from '../src/model/release.ts'
import { release, service } from './support/builders.ts'

const CANARY = 'canary-in-the-coal-mine'
const QUERY = { stack: 'shop', images: [], networks: [], volumes: [] }

function secretive(value: string): Release {
  const secretEnvironment = { key: '5e5e5e5e', names: { PW: value } }
  return release([service({ container: { environment: { PW: value, PLAIN: 'in the open' }, secretEnvironment } })])
}

/** An engine that repeats what it should not. */
function talking(container: Partial<ObservedContainer> = {}): Engine {
  const refuse = () => Promise.reject(new StepFailed('release', `bad env ${CANARY}`, { cause: new Error(CANARY) }))
  return {
    ...modelEngine(emptyWorld()),
    observe: () =>
      Promise.resolve({ containers: [{ name: 'c', release: '', complaint: '', error: '', ...container }] } as never),
    execute: (_step, tell) => {
      tell?.(`sent ${CANARY}`)
      return refuse()
    },
    logs: () => Promise.resolve([`PW=${CANARY}`, 'in the open']),
  }
}

function asked(latest: Release | null, stored: Release[] = []) {
  const desired = { latest, stable: null, previous: null, rolling: null }
  return { desired, release: (digest: string) => stored.find((one) => one.digest === digest) ?? null }
}

describe('what an engine tells is freed of secrets', () => {
  test('of what containers print, and what checks say', async () => {
    const engine = masked(talking({ complaint: `said ${CANARY}`, error: `no ${CANARY}` }), asked(secretive(CANARY)))
    expect((await engine.observe(QUERY)).containers).toMatchObject([{ complaint: `said ${MASK}`, error: `no ${MASK}` }])
    expect(await engine.logs('c', 20)).toEqual([`PW=${MASK}`, 'in the open'])
  })

  test('of its errors, of which nothing else changes, and of its progress', async () => {
    const told: string[] = []
    const engine = masked(talking(), asked(secretive(CANARY)))
    const step = { kind: 'clear-mark', stack: 'shop', resource: 'x', because: 'y', args: {} } as const
    const failure = await engine.execute(step, (text) => told.push(text)).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(StepFailed)
    expect(failure).toMatchObject({ fault: 'release', message: `bad env ${MASK}`, cause: { message: MASK } })
    expect((failure as Error).stack).not.toContain('coal')
    expect(told).toEqual([`sent ${MASK}`])
  })

  test('of a container whose release is only remembered', async () => {
    const old = secretive(CANARY)
    for (const speaks of [{ complaint: CANARY }, {}]) {
      const engine = masked(talking({ release: old.digest, ...speaks }), asked(secretive('another'), [old]))
      const [seen] = (await engine.observe(QUERY)).containers
      expect(seen?.complaint).not.toContain('coal')
      expect(await engine.logs('c', 20)).toEqual([`PW=${MASK}`, 'in the open'])
    }
  })

  test('and nothing is changed where there are none', async () => {
    const engine = masked(talking({ complaint: CANARY }), asked(release([service()])))
    expect((await engine.observe(QUERY)).containers).toMatchObject([{ complaint: CANARY }])
  })
})
