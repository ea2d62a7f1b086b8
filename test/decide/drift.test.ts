import { describe, expect, it } from 'vitest'
import { driftOf } from '../../src/decide/drift/drift.ts'
import { advance, end } from '../../src/decide/simulation/advance.ts'
import type { SimulatedContainer } from '../../src/decide/simulation/world.ts'
import { EMPTY_IMAGE, type Fields, type ImageConfig } from '../../src/model/fields.ts'
import { isSpecOf, specHash } from '../../src/model/hash.ts'
import type { Release } from '../../src/model/release.ts'
import type { Stack } from '../../src/model/stack.ts'
import { release, service } from '../support/builders.ts'
import { commit, type Lab, lab, lines, pass, run, running, settle } from './lab.ts'
import { rollOut, settleAsPlanned } from './preview.ts'

const LIMITED = { cpus: 0.5, memoryBytes: 64 << 20, environment: { API_KEY: 'secret' } }

function shop(parts: Partial<Stack> = {}, replicas = 1): Release {
  return release([service({ replicas, container: LIMITED })], parts)
}

function settled(made = shop()): Lab {
  const l = lab()
  rollOut(l, made)
  l.steps = []
  return l
}

function replica(l: Lab, slot = 1): SimulatedContainer {
  const found = l.world.containers.find((c) => c.slot === slot)
  if (!found) throw new Error(`web.${slot} was not created`)
  return found
}

/** Somebody changes what the engine can change, or brings a container of their own in the place of ours. */
function meddle(container: SimulatedContainer, fields: Fields): void {
  container.fields = { ...container.fields, ...fields }
}

const ids = (l: Lab) => l.world.containers.filter((c) => c.state === 'running').map((c) => c.id)

describe('O5 what somebody changed of a replica that runs', () => {
  it('limits: named with both values and set again, without a restart', () => {
    const l = settled()
    const before = ids(l)
    meddle(replica(l), { cpus: '2', memoryBytes: '128m', memorySwapBytes: '256m', pids: '9' })
    pass(l)
    expect(l.last?.status).toMatchObject({ sync: 'Drifted', health: 'Progressing' })
    expect(l.last?.status.message).toMatch(
      /^release \w+ is being put right: web.1: cpus 0.5 → 2, mem_limit 64m → 128m, memswap_limit 128m → 256m, pids_limit none → 9$/,
    )
    settle(l)
    expect(lines(l.steps)).toEqual([
      'update web.1: cpus 0.5 → 2, mem_limit 64m → 128m, memswap_limit 128m → 256m, pids_limit none → 9, changed by somebody',
    ])
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(ids(l)).toEqual(before)
    expect(l.record.drift).toBeUndefined()
  })

  it('is planned as it is done', () => {
    const l = settled(shop({}, 2))
    meddle(replica(l), { cpus: '2' })
    replica(l, 2).attached = {}
    expect(settleAsPlanned(l)).toEqual([
      'update web.1: cpus 0.5 → 2, changed by somebody',
      'attach web.2: networks.shop_default web at 10.201.160.3 → not joined, changed by somebody',
    ])
  })

  it('its restart policy', () => {
    const l = settled()
    replica(l).restart = 'always'
    expect(settleAsPlanned(l)).toEqual(['promote web.1: restart unless-stopped → always, changed by somebody'])
  })

  it('its restart policy taken away, as soon as it has proved itself again', () => {
    const l = settled()
    const before = ids(l)
    replica(l).restart = 'no'
    pass(l)
    expect(l.last?.status.message).toContain('web.1: restart unless-stopped → no')
    expect(settleAsPlanned(l)).toEqual(['promote web.1: restart unless-stopped → no, changed by somebody'])
    expect(ids(l)).toEqual(before)
  })

  it.each([
    ['left', {}, 'attach web.1: networks.shop_default web at 10.201.160.2 → not joined, changed by somebody'],
    [
      'joined by other names',
      { shop_default: { aliases: ['api'], address: '10.201.160.2' } },
      'attach web.1: networks.shop_default web at 10.201.160.2 → api at 10.201.160.2, changed by somebody',
    ],
    [
      'joined at another address',
      { shop_default: { aliases: ['web'], address: '10.201.160.9' } },
      'attach web.1: networks.shop_default web at 10.201.160.2 → web at 10.201.160.9, changed by somebody',
    ],
    [
      'joined beside',
      { shop_default: { aliases: ['web'], address: '10.201.160.2' }, other: { aliases: [], address: '' } },
      'detach web.1: networks.other not joined → joined, changed by somebody',
    ],
  ])('a network that it %s', (_, attached, line) => {
    const l = settled()
    const before = ids(l)
    replica(l).attached = attached
    expect(settleAsPlanned(l)).toEqual([line])
    expect(replica(l).attached).toEqual({ shop_default: { aliases: ['web'], address: '10.201.160.2' } })
    expect(ids(l)).toEqual(before)
  })

  it('an address that it was given, or that the manifest fixes', () => {
    const networks = [{ network: 'shop_default', aliases: ['web'], address: '10.0.0.9' }]
    const l = settled(release([service({ container: { networks } })]))
    replica(l).attached = { shop_default: { aliases: ['web'], address: '' } }
    expect(settleAsPlanned(l)).toEqual([
      'attach web.1: networks.shop_default web at 10.0.0.9 → web, changed by somebody',
    ])
    expect(replica(l).attached).toEqual({ shop_default: { aliases: ['web'], address: '10.0.0.9' } })
  })

  it('O6 a network that is gone is made again before the replicas join it', () => {
    const l = settled(shop({}, 2))
    const before = ids(l)
    l.world.networks.delete('shop_default')
    for (const container of l.world.containers) container.attached = {}
    expect(settleAsPlanned(l)).toEqual([
      'create-network shop_default: the stack uses it',
      'attach web.1: networks.shop_default web at 10.201.160.2 → not joined, changed by somebody',
      'attach web.2: networks.shop_default web at 10.201.160.3 → not joined, changed by somebody',
    ])
    expect(ids(l)).toEqual(before)
  })

  it('what comes back at once waits longer each time, and another change waits for nothing', () => {
    const l = settled()
    const stubborn = () => meddle(replica(l), { cpus: '2' })
    l.check = stubborn
    stubborn()
    run(l, 69_000)
    // At once, after 10, 20 and 40 seconds.
    expect(l.steps.length).toBe(3)
    l.check = () => {}
    run(l, 60_000)
    l.steps = []
    meddle(replica(l), { cpus: '3' })
    pass(l)
    expect(l.steps.length).toBe(1)
  })

  it('C1 killed before the step: it is taken after all', () => {
    const l = settled()
    meddle(replica(l), { cpus: '2' })
    pass(l, () => false)
    run(l, 20_000)
    expect(replica(l).fields.cpus).toBe('0.5')
  })

  it('during a rollout waits until it is over', () => {
    const l = settled()
    meddle(replica(l), { cpus: '2' })
    const next = release([service({ replicas: 2, container: LIMITED })])
    commit(l, next)
    settle(l)
    const kinds = l.steps.map(({ kind }) => kind)
    expect(kinds.indexOf('update')).toBeGreaterThan(kinds.indexOf('promote'))
    expect(replica(l).fields.cpus).toBe('0.5')
  })
})

describe('what cannot be changed while it runs', () => {
  it('O5 is replaced with the fields as the cause, beside the one that differs', () => {
    const l = settled()
    meddle(replica(l), { user: 'somebody', environment: { API_KEY: 'stolen', MORE: '1' } })
    const taken = settleAsPlanned(l)
    expect(taken).toEqual([
      'create web.1: not as the release says: environment.API_KEY, environment.MORE, user',
      'start web.1: beside shop-web-1-#-1, which serves until this one is ready',
      'promote web.1: healthy for 3 s without a break',
      'drain web.1: shop-web-1-#-2 is ready in its place',
      'stop web.1: shop-web-1-#-2 is ready in its place',
      'remove web.1: no release that is kept needs it',
    ])
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  })

  it('never shows the value of a variable', () => {
    const l = settled()
    meddle(replica(l), { environment: { API_KEY: 'stolen' } })
    pass(l)
    expect(l.last?.status.message).toMatch(/is being put right: web.1: environment.API_KEY changed$/)
    expect(l.last?.status).toMatchObject({ sync: 'Drifted', services: { web: { ready: 1, wanted: 1 } } })
    expect(JSON.stringify(l.last)).not.toContain('stolen')
  })

  it('is not replaced again where the new one differs in the same way: the engine shows it otherwise', () => {
    const l = settled()
    l.check = () => {
      for (const container of l.world.containers) meddle(container, { shmBytes: '1g', user: 'engine' })
    }
    l.check()
    run(l, 3_600_000)
    expect(lines(l.steps).filter((line) => line.startsWith('create'))).toEqual([
      'create web.1: not as the release says: user',
    ])
    expect(l.last?.status).toMatchObject({ sync: 'Drifted', health: 'Healthy' })
    expect(l.last?.status.message).toContain('web.1: user none → engine (also in the container that was made for it')
  })

  it('C1 killed anywhere on the way, it ends with one replica that is as it should be', () => {
    for (let killed = 0; killed < 6; killed += 1) {
      const l = settled()
      meddle(replica(l), { user: 'somebody' })
      let left = killed
      for (let passes = 0; left >= 0 && passes < 10; passes += 1) {
        pass(l, () => left-- > 0)
        advance(l.world, 3_000)
      }
      expect(left).toBe(-1)
      run(l, 60_000)
      expect(l.world.containers.filter((c) => c.state === 'running').map((c) => c.fields.user)).toEqual(['none'])
    }
  })
})

describe('selfHeal: warn', () => {
  const warn = () => settled(shop({ selfHeal: 'warn' }, 3))

  it('O5 names what differs, is missing or down, and touches nothing', () => {
    const l = warn()
    meddle(replica(l), { cpus: '2' })
    end(l.world, replica(l, 3), 137, 'was killed')
    l.world.containers = l.world.containers.filter((c) => c.slot !== 2)
    l.world.networks.delete('shop_default')
    run(l, 600_000)
    expect(l.steps).toEqual([])
    expect(l.last?.status).toMatchObject({ sync: 'Drifted', health: 'Degraded' })
    expect(l.last?.status.message).toMatch(
      /^release \w+ runs, but network shop_default is missing; web.1: cpus 0.5 → 2; web.2 is missing; web.3 is down: it exited with code 137; set x-holdfast.sync.selfHeal: correct, or put it right by hand$/,
    )
  })

  it('is Healthy and Drifted while all replicas serve, and Synced again when it was put right by hand', () => {
    const l = warn()
    meddle(replica(l), { cpus: '2' })
    replica(l, 2).restart = 'always'
    run(l, 60_000)
    expect(l.last?.status).toMatchObject({ sync: 'Drifted', health: 'Healthy' })
    expect(l.last?.status.message).toContain('web.1: cpus 0.5 → 2; web.2: restart unless-stopped → always;')
    meddle(replica(l), { cpus: '0.5' })
    replica(l, 2).restart = 'unless-stopped'
    run(l, 1_000)
    expect(l.steps).toEqual([])
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  })

  it('does not keep a rollout from its work, nor leftovers from being cleaned', () => {
    const l = warn()
    l.world.containers = l.world.containers.filter((c) => c.slot !== 2)
    rollOut(l, release([service({ image: 'web:2', replicas: 3 })], { selfHeal: 'warn' }))
    rollOut(l, release([service({ image: 'web:3', replicas: 3 })], { selfHeal: 'warn' }))
    expect(running(l)).toEqual(['web.1 web:3', 'web.2 web:3', 'web.3 web:3'])
    expect(new Set(l.world.containers.map((c) => c.image))).toEqual(new Set(['web:2', 'web:3']))
  })

  it('takes effect with a commit that restarts nothing', () => {
    const l = warn()
    const before = ids(l)
    meddle(replica(l), { cpus: '2' })
    rollOut(l, shop({ selfHeal: 'correct' }, 3))
    expect(replica(l).fields.cpus).toBe('0.5')
    expect(ids(l)).toEqual(before)
  })
})

describe('selfHeal: off', () => {
  it('neither puts right nor calls it drifted; health tells the truth', () => {
    const l = settled(shop({ selfHeal: 'off' }, 2))
    meddle(replica(l), { cpus: '2' })
    run(l, 60_000)
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    expect(l.last?.status.message).toMatch(/^release \w+ runs$/)
    l.world.containers = l.world.containers.filter((c) => c.slot !== 2)
    run(l, 60_000)
    expect(l.steps).toEqual([])
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Degraded' })
    expect(l.last?.status.message).toContain('web.2 is missing')
  })
})

describe('prune: false', () => {
  it('leaves services that are not in the release any more running, and says so', () => {
    const both = [service(), service({ name: 'old', image: 'old:1' })]
    const l = settled(release(both, { prune: false }))
    const before = replica(l).id
    rollOut(l, release([service({ image: 'web:2' })], { prune: false }))
    rollOut(l, release([service({ image: 'web:3' })], { prune: false }))
    expect(running(l)).toEqual(['old.1 old:1', 'web.1 web:3'])
    expect(before).not.toBe('')
    expect(l.last?.status.sync).toBe('Synced')
    expect(l.last?.status.message).toContain('left running, for x-holdfast.sync.prune is false: old.1')
    rollOut(l, release([service({ image: 'web:3' })]))
    expect(running(l)).toEqual(['web.1 web:3'])
  })

  it('keeps the network and the files that such a container uses', () => {
    const files = { 'shop_files-1': { contents: { a: 'YQ==' } } }
    const mounts = [{ kind: 'files' as const, volume: 'shop_files-1', path: '', target: '/files' }]
    const networks = [{ network: 'shop_back', aliases: ['old'] }]
    const open = { external: false, internal: false }
    const old = service({ name: 'old', image: 'old:1', container: { mounts, networks } })
    const l = settled(
      release([service(), old], { prune: false, files, networks: { shop_default: open, shop_back: open } }),
    )
    for (const image of ['web:2', 'web:3']) rollOut(l, release([service({ image })], { prune: false }))
    expect(l.world.volumes.has('shop_files-1')).toBe(true)
    expect(l.world.networks.has('shop_back')).toBe(true)
    rollOut(l, release([service({ image: 'web:3' })]))
    expect(l.world.volumes.has('shop_files-1')).toBe(false)
    expect(l.world.networks.has('shop_back')).toBe(false)
  })

  it('does not keep a stack that is gone', () => {
    const l = settled(release([service()], { prune: false }))
    l.gone = true
    settle(l)
    expect(l.world.containers).toEqual([])
  })
})

describe('R22 the hash of another Holdfast', () => {
  function newer(l: Lab): void {
    for (const container of l.world.containers) container.spec = 'v9:0123456789abcdef'
  }

  it('restarts nothing where the settings are the same', () => {
    const l = settled(shop({}, 2))
    newer(l)
    const before = ids(l)
    run(l, 600_000)
    expect(l.steps).toEqual([])
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
    // Also when its database is gone, or other words of the stack make another release of it.
    l.record = { ...l.record, stable: null }
    rollOut(l, shop({ progressDeadlineMs: 700_000 }, 2))
    expect(ids(l)).toEqual(before)
  })

  it('puts limits right without a restart, and replaces what differs for good', () => {
    const l = settled(shop({}, 2))
    newer(l)
    meddle(replica(l), { cpus: '2' })
    meddle(replica(l, 2), { user: 'somebody' })
    const [first, second] = ids(l)
    settle(l)
    expect(lines(l.steps)).toContain('update web.1: cpus 0.5 → 2, changed by somebody')
    expect(ids(l)).toContain(first)
    expect(ids(l)).not.toContain(second)
    expect(lines(l.steps)).toContain('create web.2: not as the release says: user')
  })

  it('selfHeal: warn: what differs is named and goes on running', () => {
    const l = settled(shop({ selfHeal: 'warn' }))
    newer(l)
    meddle(replica(l), { user: 'somebody' })
    const before = ids(l)
    run(l, 600_000)
    expect(l.steps).toEqual([])
    expect(ids(l)).toEqual(before)
    expect(l.last?.status.sync).toBe('Drifted')
    expect(l.last?.status.message).toContain('runs, but web.1: user none → somebody; set')
  })

  it('rolls out a commit from there', () => {
    const l = settled(shop({}, 2))
    newer(l)
    rollOut(l, release([service({ image: 'web:2', replicas: 2 })]))
    expect(running(l)).toEqual(['web.1 web:2', 'web.2 web:2'])
  })

  it('the first version stays what it is: labels of containers that run bear it', () => {
    const made = service({ container: LIMITED })
    expect(specHash(made, 'web@sha256:1')).toBe('v1:72640866f709f72f79591da2d58e07fb75c7dbefca1562e1c66b8b8429c25564')
    expect(isSpecOf('v9:1', made, 'web@sha256:1')).toBe(null)
    expect(isSpecOf('', made, 'web@sha256:1')).toBe(null)
    expect(isSpecOf('v1:1', made, 'web@sha256:1')).toBe(false)
  })
})

describe('the wanted side is completed by the image', () => {
  const config: ImageConfig = {
    ...EMPTY_IMAGE,
    environment: { PATH: '/bin', API_KEY: 'default' },
    entrypoint: ['serve'],
    command: ['--port', '80'],
    user: 'app',
    labels: { 'org.example': '1' },
  }

  function inImage(container: Parameters<typeof service>[0]): string[] {
    const l = lab()
    const made = service(container)
    commit(l, release([made]), { 'web:1': { config } })
    settle(l)
    const found = { ...replica(l), fields: shown }
    return driftOf(found, made, 'web:1', []).map(({ field }) => field)
  }

  /** As an engine shows a container of that image without a word of the service. */
  const shown: Fields = {
    environment: { PATH: '/bin', API_KEY: 'default' },
    entrypoint: '["serve"]',
    command: '["--port","80"]',
    user: 'app',
    labels: { 'org.example': '1' },
  }

  it('where the service says nothing', () => {
    expect(inImage({})).toEqual([])
  })

  it('and an entry point of the service drops the command of the image', () => {
    expect(inImage({ container: { entrypoint: ['other'] } })).toEqual(['entrypoint', 'command'])
    expect(inImage({ container: { command: ['other'] } })).toEqual(['command'])
  })
})

describe('O7 a data volume that was deleted', () => {
  it('is Degraded and Blocked, is not made again empty, and what runs is left', () => {
    const volumes = { shop_data: { external: false } }
    const mounts = [{ kind: 'volume' as const, volume: 'shop_data', target: '/data', readOnly: false }]
    const db = service({ name: 'db', image: 'db:1', container: { mounts } })
    const l = settled(release([service(), db], { volumes }))
    const web = l.world.containers.filter((c) => c.service === 'web').map((c) => c.id)
    l.world.containers = l.world.containers.filter((c) => c.service !== 'db')
    l.world.volumes.delete('shop_data')
    run(l, 60_000)
    expect(l.steps).toEqual([])
    expect(l.last?.status).toMatchObject({ sync: 'Blocked', health: 'Degraded' })
    expect(ids(l)).toEqual(web)
    // Also with nothing left at all.
    l.world.containers = []
    run(l, 60_000)
    expect(l.last?.status).toMatchObject({ sync: 'Blocked', health: 'Degraded' })
    expect(l.world.volumes.size).toBe(0)
  })
})
