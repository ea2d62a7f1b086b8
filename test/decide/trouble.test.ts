import { describe, expect, it } from 'vitest'
import { advance, end } from '../../src/decide/simulation/advance.ts'
import type { SimulatedContainer } from '../../src/decide/simulation/world.ts'
import { emptyRecord } from '../../src/model/record.ts'
import { release, service } from '../support/builders.ts'
import { commit, type Lab, lab, lines, pass, run, running, settle } from './lab.ts'
import { preview, rollOut, settleAsPlanned } from './preview.ts'

const version = (n: number) => release([service({ image: `web:${n}` })])

function settled(made = version(1)): Lab {
  const l = lab()
  rollOut(l, made)
  l.steps = []
  return l
}

function replica(l: Lab): SimulatedContainer {
  const [container] = l.world.containers
  if (!container) throw new Error('nothing was created')
  return container
}

describe('trouble of the platform', () => {
  it('I3 a registry that cannot be reached blocks, backs off, and goes through by itself', () => {
    const l = settled()
    commit(l, version(2), { 'web:2': { pull: 'unreachable' } })
    l.world.images.delete('web:2')
    run(l, 69_000)
    // At once, after 10, 20 and 40 seconds.
    expect(lines(l.steps)).toEqual(Array(3).fill('pull-image web:2: not on this engine yet'))
    expect(l.last?.status).toMatchObject({ sync: 'Blocked' })
    expect(l.last?.status.message).toContain('the registry of web:2 cannot be reached; what runs is untouched')
    expect(l.record.quarantine).toEqual({})
    expect(running(l)).toEqual(['web.1 web:1'])
    l.world.behaviours.delete('web:2')
    run(l, 60_000)
    expect(running(l)).toEqual(['web.1 web:2'])
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  })

  it('I3 for an hour fails nothing: limits stand still meanwhile', () => {
    const l = settled()
    commit(l, version(2), { 'web:2': { pull: 'unreachable' } })
    l.world.images.delete('web:2')
    run(l, 3_600_000)
    expect(l.record.quarantine).toEqual({})
    expect(l.steps.length).toBeLessThan(20)
  })

  it('I1 an image that does not exist fails the release, once, and nothing is touched', () => {
    const l = settled()
    commit(l, version(2), { 'web:2': { pull: 'missing' } })
    l.world.images.delete('web:2')
    settle(l)
    run(l, 600_000)
    expect(lines(l.steps)).toEqual(['pull-image web:2: not on this engine yet'])
    expect(l.last?.status.sync).toBe('RolledBack')
    expect(running(l)).toEqual(['web.1 web:1'])
  })

  it('I8 an image pruned between pull and create is pulled again', () => {
    const l = settled()
    commit(l, version(2))
    pass(l, () => true)
    l.world.containers = l.world.containers.filter((c) => c.image === 'web:1')
    l.world.images.delete('web:2')
    settle(l)
    expect(running(l)).toEqual(['web.1 web:2'])
    expect(l.record.quarantine).toEqual({})
  })
})

describe('what is not ours', () => {
  it('O8 a port that a stranger holds blocks before the old replica is stopped, and names the holder', () => {
    const onPort = (published: number, image: string) =>
      release([
        service({
          image,
          publish: [{ address: '', published, target: 80, protocol: 'tcp' }],
          update: { order: 'stop-first', because: `publishes port ${published} on the host` },
        }),
      ])
    const l = settled(onPort(8080, 'web:1'))
    l.world.takenPorts.push({ address: '127.0.0.1', published: 8081, protocol: 'tcp', holder: 'stranger' })
    commit(l, onPort(8081, 'web:2'))
    run(l, 1_200_000)
    expect(l.steps).toEqual([])
    expect(l.last?.status.sync).toBe('Blocked')
    expect(l.last?.status.message).toContain('port 8081/tcp, which web publishes, is taken by the container stranger')
    l.world.takenPorts = []
    settle(l)
    expect(running(l)).toEqual(['web.1 web:2'])
  })

  it('O8 a start that meets trouble again while the old replica is down for it: back to stable', () => {
    const stopFirst = (image: string) => release([service({ image, update: { order: 'stop-first' } })])
    const l = settled(stopFirst('web:1'))
    const before = replica(l).id
    commit(l, stopFirst('web:2'), { 'web:2': { blocked: 'port 80 is taken by a program outside Docker.' } })
    const from = l.world.nowMs
    while (l.record.rollout !== null || l.record.quarantine[l.latest?.digest ?? ''] === undefined) run(l, 100)
    // One back-off, and the two health windows on the way back.
    expect(l.world.nowMs - from).toBeLessThan(20_000)
    expect(l.world.containers.filter((c) => c.state === 'running').map((c) => c.id)).toEqual([before])
    expect(l.last?.status.message).toContain('port 80 is taken by a program outside Docker. It was tried twice')
  })

  it('C6 one failed start is no reason to go back: the engine may have been away', () => {
    const stopFirst = (image: string) => release([service({ image, update: { order: 'stop-first' } })])
    const l = settled(stopFirst('web:1'))
    commit(l, stopFirst('web:2'), { 'web:2': { blocked: 'the Docker engine did not answer' } })
    while (l.record.trouble === null) run(l, 100)
    l.world.behaviours.delete('web:2')
    settle(l)
    expect(running(l)).toEqual(['web.1 web:2'])
    expect(l.record.quarantine).toEqual({})
  })

  it('a port that is taken keeps one service down; the others are healed meanwhile, and it comes back after', () => {
    const api = service({
      name: 'api',
      image: 'api:1',
      publish: [{ address: '', published: 8080, target: 80, protocol: 'tcp' }],
      update: { order: 'stop-first', because: 'publishes port 8080 on the host' },
    })
    const l = settled(release([api, service({ image: 'web:1' })]))
    l.world.containers = []
    l.world.takenPorts.push({ address: '', published: 8080, protocol: 'tcp', holder: 'stranger' })
    run(l, 60_000)
    expect(running(l)).toEqual(['web.1 web:1'])
    expect(l.last?.status).toMatchObject({ sync: 'Blocked', health: 'Degraded' })
    l.world.takenPorts = []
    settle(l)
    expect(running(l)).toEqual(['api.1 api:1', 'web.1 web:1'])
  })

  it('O7 a lost volume is not made again, while a service without it is healed', () => {
    const mounts = [{ kind: 'volume' as const, volume: 'shop_data', target: '/data', readOnly: false }]
    const db = service({ name: 'db', image: 'db:1', container: { mounts }, update: { order: 'stop-first' } })
    const l = settled(release([db, service({ image: 'web:1' })], { volumes: { shop_data: { external: false } } }))
    l.world.containers = []
    l.world.volumes.clear()
    run(l, 60_000)
    expect(running(l)).toEqual(['web.1 web:1'])
    expect(l.world.volumes.size).toBe(0)
    expect(l.last?.status.message).toContain('volume shop_data, which the stable release uses, is gone')
  })

  it('O10 a network with our name blocks and is left alone', () => {
    const l = lab()
    l.world.networks.set('shop_default', { ours: false, subnet: null, stack: '' })
    commit(l, version(1))
    run(l, 3_600_000)
    expect(l.steps).toEqual([])
    expect(l.record.quarantine).toEqual({})
    expect(l.last?.status.sync).toBe('Blocked')
    expect(l.last?.status.message).toMatch(
      /^a network named shop_default exists and is not Holdfast's; take it over with: holdfast adopt shop, or/,
    )
  })

  it('O10 a volume with our name blocks, and the plan says so', () => {
    const l = lab()
    l.world.volumes.set('shop_data', { name: 'shop_data', ours: false, files: false, stack: '' })
    commit(l, release([service()], { volumes: { shop_data: { external: false } } }))
    expect(preview(l)).toMatchObject({ steps: [], status: { sync: 'Blocked' } })
    pass(l)
    expect(l.last?.status.message).toMatch(/^a volume named shop_data exists and is not Holdfast's/)
  })

  it('an external network that is missing blocks with the command that makes it, and goes on once it is there', () => {
    const l = lab()
    commit(l, release([service()], { networks: { edge: { external: true, internal: false } } }))
    pass(l)
    expect(l.last?.status.message).toBe('external network edge does not exist; create it: docker network create edge')
    l.world.networks.set('edge', { ours: false, subnet: null, stack: '' })
    settle(l)
    expect(running(l)).toEqual(['web.1 web:1'])
  })

  it('O9 a stranger with the name of a container is passed by', () => {
    const l = settled()
    const name = replica(l).name.replace(/1$/, '2')
    l.world.strangers.push(name)
    l.world.containers = []
    settle(l)
    expect(replica(l).name).toBe(name.replace(/2$/, '3'))
  })
})

describe('data', () => {
  it('O7 a lost volume is never silently made anew', () => {
    const made = release([service()], { volumes: { shop_data: { external: false } } })
    const l = settled(made)
    l.world.volumes.delete('shop_data')
    run(l, 60_000)
    expect(l.steps).toEqual([])
    expect(l.last?.status.sync).toBe('Blocked')
    expect(l.last?.status.message).toMatch(/^volume shop_data, which the stable release uses, is gone.*restore it from/)
  })
})

describe("others' hands", () => {
  it('O1 a replica removed by hand is replaced', () => {
    const l = settled()
    l.world.containers = []
    expect(settleAsPlanned(l)).toEqual([
      'create web.1: its replica is missing or sick',
      'start web.1: nothing else runs in its slot',
      'promote web.1: healthy for 3 s without a break',
    ])
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  })

  it('O4 a replica stopped by hand is started again', () => {
    const l = settled()
    end(l.world, replica(l), 137, 'was stopped by hand')
    expect(settleAsPlanned(l)).toEqual(['start web.1: it was down'])
    expect(running(l)).toEqual(['web.1 web:1'])
  })

  it('O4 a replica paused by hand is stopped and started', () => {
    const l = settled()
    replica(l).state = 'paused'
    settle(l)
    expect(lines(l.steps).slice(0, 2)).toEqual(['stop web.1: it was paused by somebody', 'start web.1: it was down'])
    expect(running(l)).toEqual(['web.1 web:1'])
  })

  it('O4 tries to put back what keeps dying are ever further apart, and rested after ten healthy minutes', () => {
    const l = settled()
    l.world.behaviours.set('web:1', { refuses: 'out of luck' })
    end(l.world, replica(l), 137, 'was stopped by hand')
    run(l, 120_000)
    const tries = l.steps.filter((step) => step.kind === 'start').length
    expect(tries).toBeGreaterThan(2)
    expect(tries).toBeLessThan(6)
    expect(l.record.quarantine).toEqual({})
    l.world.behaviours.delete('web:1')
    run(l, 300_000)
    expect(running(l)).toEqual(['web.1 web:1'])
    expect(Object.keys(l.record.healing)).toEqual(['web.1'])
    run(l, 700_000)
    pass(l)
    expect(l.record.healing).toEqual({})
  })
})

describe('a lost record', () => {
  it('C3 restarts nothing, and the stable release is known from the mark', () => {
    const l = settled()
    const stable = l.record.stable
    l.record = emptyRecord()
    l.run += 1
    expect(settleAsPlanned(l)).toEqual([])
    expect(l.record.stable).toBe(stable)
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  })

  it('C3 with its stored releases keeps what runs, and says that there is no way back', () => {
    const l = settled()
    const before = replica(l).id
    l.record = emptyRecord()
    l.releases.clear()
    l.latest = null
    advance(l.world, 60_000)
    settle(l)
    expect(l.steps).toEqual([])
    expect(replica(l).id).toBe(before)
    expect(l.last?.status.message).toContain('its stored content was lost; what runs is kept')
  })

  it('C3 in the middle of a rollout: it goes on, and what is not wanted goes', () => {
    const l = lab()
    rollOut(l, version(1))
    commit(l, version(2))
    run(l, 2_000)
    l.record = emptyRecord()
    l.run += 1
    settle(l)
    expect(running(l)).toEqual(['web.1 web:2'])
    expect(l.record.stable).toBe(l.latest?.digest)
  })
})
