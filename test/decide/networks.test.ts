import { describe, expect, it } from 'vitest'
import { advance } from '../../src/decide/simulation/advance.ts'
import { prefixFor } from '../../src/decide/subnets.ts'
import { contains, overlap, parseAddress, parseBlock } from '../../src/model/cidr.ts'
import type { Release } from '../../src/model/release.ts'
import type { Network } from '../../src/model/stack.ts'
import { job, release, service } from '../support/builders.ts'
import { commit, type Lab, lab, lines, pass, settle } from './lab.ts'
import { preview, rollOut, settleAsPlanned } from './preview.ts'

const OURS: Network = { external: false, internal: false }

function settled(made: Release): Lab {
  const l = lab()
  rollOut(l, made)
  l.steps = []
  return l
}

const subnetOf = (l: Lab, network = 'shop_default') => l.world.networks.get(network)?.subnet ?? null
const block = (text: string | undefined) => parseBlock(text ?? '') ?? { base: -1, prefix: 32 }

/** Addresses of the containers in the default network, by container, running or not. */
function addresses(l: Lab): string[] {
  return l.world.containers.map((c) => c.addresses['shop_default'] ?? '').sort()
}

describe('the subnet of a network of ours', () => {
  it('comes from the pool, with the upper half for the engine and the first address for the gateway', () => {
    const subnet = subnetOf(settled(release([service()])))
    const [whole, range] = [block(subnet?.subnet), block(subnet?.range)]
    expect(whole.prefix).toBe(24)
    expect(contains(block('10.201.0.0/16'), whole.base)).toBe(true)
    expect(range).toEqual({ base: whole.base + 128, prefix: 25 })
    expect(parseAddress(subnet?.gateway ?? '')).toBe(whole.base + 1)
  })

  it('is the same wherever it is free, another one where it is taken, and shown in the plan', () => {
    const made = release([service()])
    const first = subnetOf(settled(made))
    expect(subnetOf(settled(made))).toEqual(first)
    const l = lab()
    // Part of it is enough.
    l.world.subnets.push(`${first?.gateway}/32`)
    commit(l, made)
    const planned = preview(l).steps.find(({ kind }) => kind === 'create-network')
    settle(l)
    expect(subnetOf(l)?.subnet).not.toBe(first?.subnet)
    expect(planned).toMatchObject({ args: { subnet: subnetOf(l) } })
  })

  it('is nobody else’s: two networks made in one pass differ', () => {
    const networks = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`shop_n${n}`, OURS]))
    const l = settled(release([service({ container: { networks: [] } })], { networks }))
    const blocks = [...l.world.networks.values()].map(({ subnet }) => block(subnet?.subnet))
    expect(blocks.length).toBe(60)
    expect(blocks.flatMap((a, i) => blocks.slice(i + 1).filter((b) => overlap(a, b)))).toEqual([])
  })

  it('is the one of the manifest where that names one, with its upper half for the engine', () => {
    const networks = { shop_default: { ...OURS, subnet: { subnet: '192.168.77.0/24' } } }
    const l = settled(release([service()], { networks }))
    expect(subnetOf(l)).toEqual({ subnet: '192.168.77.0/24', range: '192.168.77.128/25' })
    expect(addresses(l)).toEqual(['192.168.77.2'])
  })

  it('has room for every replica, the one that takes its place and the one that is kept', () => {
    expect([1, 42, 43, 84, 85, 100, 1_000].map(prefixFor)).toEqual([24, 24, 23, 23, 22, 22, 19])
    const l = lab()
    commit(l, release([service({ replicas: 100, update: { parallelism: 0 } })]))
    settle(l)
    expect(block(subnetOf(l)?.subnet).prefix).toBe(22)
  })

  it('that the pool has no more is an obstacle, named before anything is touched', () => {
    const l = lab()
    l.world.subnets.push('10.0.0.0/8')
    commit(l, release([service()]))
    const { steps, status } = pass(l)
    expect(steps.map(({ kind }) => kind)).toEqual([])
    expect(status.sync).toBe('Blocked')
    expect(status.message).toContain('no subnet of the pool 10.201.0.0/16 is left for the network shop_default')
    expect(status.message).toContain('--pool')
    l.world.subnets = ['10.201.0.0/17']
    settle(l)
    expect(contains(block('10.201.128.0/17'), block(subnetOf(l)?.subnet).base)).toBe(true)
  })

  it('that the engine refuses for a network nobody sees is not tried again', () => {
    const tried: string[] = []
    const l = lab()
    commit(l, release([service()]))
    for (let n = 0; n < 200 && tried.length < 3; n += 1) {
      pass(l, (step) => {
        const subnet = step.kind === 'create-network' && step.args.subnet
        if (!subnet) return true
        tried.push(subnet.subnet)
        l.world.networks.set('hidden', { ours: false, subnet, stack: '' })
        return true
      })
      l.world.networks.delete('hidden')
      advance(l.world, 1_000)
    }
    expect(new Set(tried).size).toBe(3)
    settle(l)
    expect(l.last?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' })
  })

  it('O6 comes back as it was when the network is deleted by hand, although its place was free before', () => {
    const made = release([service({ replicas: 2, image: 'web:1' })])
    const l = lab()
    // It could not have the place that its name stands for then.
    const first = subnetOf(settled(made))?.subnet ?? ''
    l.world.subnets.push(first)
    rollOut(l, made)
    const before = subnetOf(l)
    l.world.subnets = []
    l.world.networks.delete('shop_default')
    l.steps = []
    const steps = settleAsPlanned(l)
    expect(steps).toEqual([
      'create-network shop_default: the stack uses it',
      'attach web.1: networks.shop_default web at 10.201.161.2 → not joined, changed by somebody',
      'attach web.2: networks.shop_default web at 10.201.161.3 → not joined, changed by somebody',
    ])
    expect(subnetOf(l)).toEqual(before)
    expect(l.world.containers.every((c) => c.attached['shop_default']?.address === c.addresses['shop_default'])).toBe(
      true,
    )
    expect(before?.subnet).not.toBe(first)
  })

  it('O6 is the one of the addresses kept also when there are more or fewer replicas by now', () => {
    for (const [few, many] of [
      [2, 60],
      [60, 2],
    ] as const) {
      const sized = (replicas: number) => release([service({ replicas, update: { parallelism: 0 } })])
      const l = lab()
      commit(l, sized(few))
      settle(l)
      const kept = addresses(l)
      l.world.networks.delete('shop_default')
      commit(l, sized(many))
      settle(l)
      const subnet = subnetOf(l)
      expect(kept.every((text) => contains(block(subnet?.subnet), parseAddress(text) ?? -1))).toBe(true)
      expect(kept.some((text) => contains(block(subnet?.range), parseAddress(text) ?? -1))).toBe(false)
    }
  })

  it('O6 is another one when its own was taken meanwhile, and replicas join that at whatever address', () => {
    const l = settled(release([service()]))
    const before = subnetOf(l)?.subnet ?? ''
    l.world.networks.delete('shop_default')
    l.world.subnets.push(before)
    settle(l)
    expect(subnetOf(l)?.subnet).not.toBe(before)
    expect(l.world.containers.map((c) => c.attached)).toEqual([{ shop_default: { aliases: ['web'], address: '' } }])
  })

  it('O6 is joined by a kept container before it is started again', () => {
    const l = settled(release([service({ image: 'web:1' })]))
    rollOut(l, release([service({ image: 'web:2' })]))
    l.world.networks.delete('shop_default')
    settle(l)
    l.steps = []
    commit(l, release([service({ image: 'web:1' })]))
    expect(settleAsPlanned(l).slice(0, 2)).toEqual([
      'attach web.1: it is not joined to shop_default any more',
      'start web.1: it was kept for this',
    ])
  })

  it('O6 is not joined again where the stack is not to be put right', () => {
    const l = settled(release([service()], { selfHeal: 'warn' }))
    l.world.networks.delete('shop_default')
    expect(lines(settle(l)).filter((line) => line.startsWith('attach'))).toEqual([])
  })
})

describe('the address that a replica keeps', () => {
  it('is in the lower half, never the gateway’s, and different for all that are made in one pass', () => {
    const l = lab()
    commit(l, release([service({ replicas: 40, update: { parallelism: 0 } })]))
    settle(l)
    const { base } = block(subnetOf(l)?.subnet)
    expect(
      addresses(l)
        .map((text) => (parseAddress(text) ?? 0) - base)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 40 }, (_, n) => n + 2))
  })

  it('is not given to another one while a stopped container keeps it', () => {
    const l = settled(release([service({ image: 'web:1', replicas: 3 })]))
    rollOut(l, release([service({ image: 'web:2', replicas: 3 })]))
    expect(l.world.containers.map((c) => c.state).sort()).toEqual([
      ...Array(3).fill('exited'),
      ...Array(3).fill('running'),
    ])
    expect(new Set(addresses(l)).size).toBe(6)
  })

  it('is part of no difference: nothing is planned for replicas that have none', () => {
    const l = settled(release([service({ replicas: 2 })]))
    for (const container of l.world.containers) {
      container.addresses = {}
      container.attached = { shop_default: { aliases: ['web'], address: '' } }
    }
    expect(settle(l)).toEqual([])
  })

  it('is the engine’s to choose for jobs, on networks without a range, and on those of others', () => {
    const made = release(
      [
        service({ container: { networks: ['edge', 'old'].map((network) => ({ network, aliases: [] })) } }),
        job({ container: { networks: [{ network: 'shop_default', aliases: [] }] } }),
      ],
      { networks: { edge: { external: true, internal: false }, old: OURS, shop_default: OURS } },
    )
    const l = lab()
    const [subnet, range] = ['10.9.0.0/24', '10.9.0.128/25']
    l.world.networks.set('edge', { ours: false, subnet: { subnet, range }, stack: '' })
    l.world.networks.set('old', { ours: true, subnet: { subnet: '10.8.0.0/24' }, stack: 'shop' })
    rollOut(l, made)
    expect(l.world.containers.map((c) => c.addresses)).toEqual([{}, {}])
  })

  it('of the manifest stays clear of those that are given', () => {
    const networks = {
      shop_default: { ...OURS, subnet: { subnet: '10.7.0.0/24', range: '10.7.0.0/25', gateway: '10.7.0.129' } },
    }
    const db = (address: string) =>
      service({
        name: 'db',
        image: 'db:1',
        container: { networks: [{ network: 'shop_default', aliases: [], address }] },
      })
    const l = settled(release([db('10.7.0.130'), service({ replicas: 2 })], { networks }))
    expect(addresses(l)).toEqual(['', '10.7.0.128', '10.7.0.131'].sort())
  })

  it('is none when the lower half is used up, and the engine’s choice then', () => {
    const l = lab()
    l.world.networks.set('shop_default', {
      ours: true,
      subnet: { subnet: '10.6.0.0/29', range: '10.6.0.4/30', gateway: '10.6.0.1' },
      stack: 'shop',
    })
    rollOut(l, release([service({ replicas: 3 })]))
    expect(addresses(l)).toEqual(['', '10.6.0.2', '10.6.0.3'])
    expect(lines(l.steps).length).toBeGreaterThan(0)
  })
})
