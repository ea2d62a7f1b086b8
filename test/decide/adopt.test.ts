import { describe, expect, it } from 'vitest'
import { consent } from '../../src/decide/adopt.ts'
import { begin } from '../../src/decide/simulation/advance.ts'
import type { SimulatedContainer } from '../../src/decide/simulation/world.ts'
import { release, service } from '../support/builders.ts'
import { composeContainer } from '../support/compose-container.ts'
import { commit, type Lab, lab, pass, run, running, settle } from './lab.ts'
import { preview, rollOut, settleAsPlanned } from './preview.ts'

const CHECK = { test: ['CMD', 'true'], intervalMs: 1_000, timeoutMs: 1_000, retries: 3, startPeriodMs: 0 }

const db = (version: number, parts: Parameters<typeof service>[0] = {}) =>
  service({
    name: 'db',
    image: `db:${version}`,
    container: { mounts: [{ kind: 'volume', volume: 'shop_data', target: '/data', readOnly: false }] },
    update: { order: 'stop-first', because: 'writes to volume shop_data' },
    ...parts,
  })

function shop(version: number, parts: Parameters<typeof service>[0] = {}) {
  const volumes = { shop_data: { external: false } }
  return release([service({ image: `web:${version}`, replicas: 2 }), db(version, parts)], { volumes })
}

/** One that Docker Compose started; its restart policy is `no`, as Compose's default. */
function compose(l: Lab, service: string, slot: number, parts: Partial<SimulatedContainer> = {}): void {
  const attached = { shop_default: { aliases: [service], address: '' } }
  const volumes = service === 'db' ? ['shop_data'] : []
  const container = composeContainer({ service, slot, check: CHECK, attached, volumes, ...parts })
  l.world.containers.push(container)
  begin(l.world, container, l.world.nowMs - 60_000)
  container.health = 'healthy'
}

/** A project that `docker compose up` made. */
function project(parts: Partial<SimulatedContainer> = {}): Lab {
  const l = lab()
  l.world.networks.set('shop_default', { ours: false, subnet: null, stack: 'compose' })
  l.world.volumes.set('shop_data', { name: 'shop_data', ours: false, files: false, stack: 'compose' })
  compose(l, 'web', 1)
  compose(l, 'web', 2)
  compose(l, 'db', 1, parts)
  return l
}

const upOfCompose = (l: Lab) =>
  l.world.containers.filter((c) => c.adopted && c.state === 'running').map((c) => `${c.actualName} ${c.restart}`)

describe('without consent', () => {
  it('O10 nothing is touched, and taking over is offered', () => {
    const l = project()
    commit(l, shop(1))
    run(l, 60_000)
    expect(l.steps).toEqual([])
    expect(l.last?.status.sync).toBe('Blocked')
    expect(l.last?.status.message).toContain('take it over with: holdfast adopt shop, or remove it')
  })

  it('O10 with nothing but its containers in the way it is the same', () => {
    const l = lab()
    compose(l, 'web', 1)
    commit(l, shop(1))
    run(l, 60_000)
    expect(l.steps).toEqual([])
    expect(l.last?.status.message).toBe(
      'docker compose runs this stack (shop_web_1); take it over with: holdfast adopt shop, ' +
        'or end it with: docker compose down',
    )
  })
})

describe('with consent', () => {
  it('O13 what can overlap is replaced slot by slot, the rest stop-first; network and volume are used as they are', () => {
    const l = project()
    l.record = consent(l.record)
    let fewest = 2
    l.check = () => {
      const healthy = l.world.containers.filter((c) => c.service === 'web' && c.health === 'healthy')
      fewest = Math.min(fewest, healthy.filter((c) => c.state === 'running').length)
    }
    expect(rollOut(l, shop(1))).toEqual([
      'create db.1: takes over from shop_db_1 of docker compose',
      'create web.1: takes over from shop_web_1 of docker compose',
      'stop db.1: brief downtime: db writes to volume shop_data',
      'start web.1: beside shop_web_1, which serves until this one is ready',
      'start db.1: nothing else runs in its slot',
      'promote db.1: healthy for 3 s without a break',
      'promote web.1: healthy for 3 s without a break',
      'stop web.1: shop-web-1-#-1 is ready in its place',
      'create web.2: takes over from shop_web_2 of docker compose',
      'start web.2: beside shop_web_2, which serves until this one is ready',
      'promote web.2: healthy for 3 s without a break',
      'stop web.2: shop-web-2-#-1 is ready in its place',
      'mark-stable mark: the release is stable',
    ])
    expect(fewest).toBe(2)
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(upOfCompose(l)).toEqual([])
    expect(l.world.networks.get('shop_default')?.ours).toBe(false)
    expect(l.world.volumes.get('shop_data')?.ours).toBe(false)

    // Kept, as what was stable before, until the next release is.
    expect(l.world.containers.filter((c) => c.adopted).length).toBe(3)
    rollOut(l, shop(2))
    expect(l.world.containers.filter((c) => c.adopted)).toEqual([])
    expect(l.record.adoption?.containers).toEqual({})
  })

  it('loses its restart policy before it is stopped, and gets it back when the release fails', () => {
    const l = project({ restart: 'always' })
    l.record = consent(l.record)
    commit(l, shop(1), { 'db:1': { exit: { afterMs: 1_000, code: 1 } } })
    const steps = settle(l)
    expect(steps.map(({ kind, resource }) => `${kind} ${resource}`)).toContain('drain db.1')
    expect(upOfCompose(l).sort()).toEqual(['shop_db_1 always', 'shop_web_1 no', 'shop_web_2 no'])
    expect(running(l)).toEqual(['db.1 db:compose', 'web.1 web:compose', 'web.2 web:compose'])
    expect(l.last?.status).toMatchObject({ sync: 'OutOfSync', health: 'Healthy' })
    expect(l.last?.status.message).toContain('what docker compose ran serves: shop_db_1, shop_web_1, shop_web_2')

    // The next commit takes over after all.
    rollOut(l, shop(2))
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(upOfCompose(l)).toEqual([])
  })

  it('what was replaced already comes back as well when a later slot fails', () => {
    const l = project()
    l.record = consent(l.record)
    commit(l, shop(1), { 'web:1': { unhealthyAfterMs: 6_000 } })
    settle(l)
    expect(Object.keys(l.record.quarantine).length).toBe(1)
    expect(running(l)).toEqual(['db.1 db:compose', 'web.1 web:compose', 'web.2 web:compose'])
  })

  it('what does not come up again is tried with growing pauses', () => {
    const l = project()
    l.record = consent(l.record)
    commit(l, shop(1), { 'db:1': { exit: { afterMs: 1_000, code: 1 } } })
    l.world.behaviours.set('db:compose', { exit: { afterMs: 0, code: 1 } })
    for (let n = 0; n < 300; n += 1) {
      pass(l)
      l.world.nowMs += 200
    }
    const starts = l.steps.filter(({ kind, because }) => kind === 'start' && because.startsWith('back to'))
    expect(starts.length).toBeGreaterThan(0)
    expect(starts.length).toBeLessThan(6)
    expect(l.last?.status.health).toBe('Degraded')
  })

  it('a container_name is passed on, and given back when the release fails', () => {
    const bad = project({ name: 'shop_db_1', actualName: 'the-db' })
    bad.record = consent(bad.record)
    commit(bad, shop(1, { containerName: 'the-db' }), { 'db:1': { exit: { afterMs: 1_000, code: 1 } } })
    settle(bad)
    expect(upOfCompose(bad).sort()).toEqual(['shop_web_1 no', 'shop_web_2 no', 'the-db no'])

    const good = project({ name: 'shop_db_1', actualName: 'the-db' })
    good.record = consent(good.record)
    rollOut(good, shop(1, { containerName: 'the-db' }))
    const names = good.world.containers.filter((c) => c.service === 'db').map((c) => [c.actualName, c.image])
    expect(names.sort()).toEqual([
      ['shop_db_1', 'db:compose'],
      ['the-db', 'db:1'],
    ])
  })

  it('a service that the manifest does not have is left running, and named', () => {
    const l = project()
    compose(l, 'cache', 1)
    l.record = consent(l.record)
    commit(l, shop(1))
    expect(preview(l).notes).toContain('left alone, the manifest does not have it: shop_cache_1')
    settleAsPlanned(l)
    expect(upOfCompose(l)).toEqual(['shop_cache_1 no'])
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(l.last?.status.message).toContain('left alone, the manifest does not have it: shop_cache_1')
  })

  it('more replicas than the manifest wants go once the release is stable', () => {
    const l = project()
    compose(l, 'web', 3)
    l.record = consent(l.record)
    rollOut(l, shop(1))
    expect(upOfCompose(l)).toEqual([])
    expect(l.record.adoption?.by).toBe(l.record.stable)
  })

  it('O14 what is started again by hand afterwards is named and left alone', () => {
    const l = project()
    l.record = consent(l.record)
    rollOut(l, shop(1))
    const before = running(l)
    const again = l.world.containers.find((c) => c.actualName === 'shop_web_1')
    if (again) begin(l.world, again, l.world.nowMs)
    expect(settle(l)).toEqual([])
    expect(running(l)).toEqual([...before, 'web.1 web:compose'].sort())
    expect(l.last?.status).toMatchObject({ sync: 'Drifted', health: 'Healthy' })
    expect(l.last?.status.message).toContain(
      'docker compose runs web beside Holdfast (shop_web_1); end it with: docker stop shop_web_1',
    )
    rollOut(l, shop(2))
    expect(upOfCompose(l)).toEqual(['shop_web_1 no'])
  })

  it('is not asked for again when the database is lost', () => {
    const l = project()
    l.record = consent(l.record)
    rollOut(l, shop(1))
    l.record = lab().record
    settle(l)
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    rollOut(l, shop(2))
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  })

  it('what another Holdfast made is not taken over', () => {
    const l = project()
    l.world.volumes.set('shop_data', { name: 'shop_data', ours: true, files: false, stack: 'other' })
    l.record = consent(l.record)
    commit(l, shop(1))
    run(l, 60_000)
    expect(l.steps).toEqual([])
    expect(l.last?.status.message).toContain("is not Holdfast's for this stack; remove it")
  })

  it('a stack that leaves the repository takes none of what runs for Compose with it', () => {
    const l = project()
    l.record = consent(l.record)
    commit(l, shop(1))
    pass(l)
    l.gone = true
    l.latest = null
    settle(l)
    expect(upOfCompose(l).length).toBe(3)
    expect(l.world.containers.filter((c) => !c.adopted)).toEqual([])
  })
})
