import { describe, expect, it } from 'vitest'
import { advance } from '../../src/decide/simulation/advance.ts'
import type { Release } from '../../src/model/release.ts'
import { release, service } from '../support/builders.ts'
import { commit, type Lab, lab, pass, settle } from './lab.ts'
import { preview, rollOut, settleAsPlanned } from './preview.ts'

const STOP_FIRST = { order: 'stop-first', because: 'has the container_name the-shop' } as const

function named(image: string, containerName: string | null = 'the-shop', replicas = 1): Release {
  const name = containerName === null ? {} : { containerName }
  return release([service({ image, replicas, ...name, update: containerName === null ? {} : STOP_FIRST })])
}

function settled(made: Release): Lab {
  const l = lab()
  rollOut(l, made)
  l.steps = []
  return l
}

/** Who bears which name: image, state and the engine's name, `own` where that is its own. */
function bearers(l: Lab): string[] {
  return l.world.containers.map((c) => `${c.image} ${c.state} ${c.actualName === c.name ? 'own' : c.actualName}`).sort()
}

describe('container_name', () => {
  it('R20 is given before the start', () => {
    const l = lab()
    expect(rollOut(l, named('web:1'))).toEqual([
      'create-network shop_default: the stack uses it',
      'create web.1: new service',
      'rename web.1: container_name of web',
      'start web.1: nothing else runs in its slot',
      'promote web.1: healthy for 3 s without a break',
      'mark-stable mark: the release is stable',
    ])
    expect(bearers(l)).toEqual(['web:1 running the-shop'])
  })

  it('R20 is passed on while nobody runs, and the plan says what the downtime is for', () => {
    const l = settled(named('web:1'))
    expect(rollOut(l, named('web:2'))).toEqual([
      'create web.1: image web:1 → web:2',
      'drain web.1: brief downtime: web has the container_name the-shop',
      'stop web.1: brief downtime: web has the container_name the-shop',
      'rename web.1: the name the-shop is passed on',
      'rename web.1: container_name of web',
      'start web.1: nothing else runs in its slot',
      'promote web.1: healthy for 3 s without a break',
      'mark-stable mark: the release is stable',
    ])
    expect(bearers(l)).toEqual(['web:1 exited own', 'web:2 running the-shop'])
    expect(settle(l)).toEqual([])
  })

  it('R20 comes back with the release that is rolled back to', () => {
    const l = settled(named('web:1'))
    commit(l, named('web:2'), { 'web:2': { exit: { afterMs: 0, code: 1 } } })
    settle(l)
    expect(l.last?.status.sync).toBe('RolledBack')
    expect(bearers(l)).toEqual(['web:1 running the-shop', 'web:2 exited own'])
  })

  it('that changes makes a new container, for its label cannot change, and the old one gives its name up', () => {
    const l = settled(named('web:1'))
    expect(rollOut(l, named('web:1', 'the-store'))).toContain('create web.1: container_name changed')
    expect(bearers(l)).toEqual(['web:1 exited own', 'web:1 running the-store'])
    expect(rollOut(l, named('web:1', null))).toContain('create web.1: container_name changed')
    expect(bearers(l)).toEqual(['web:1 exited own', 'web:1 running own'])
    // Going back to a kept one is a start, not another container.
    const before = l.world.containers.map(({ id }) => id)
    expect(rollOut(l, named('web:1', 'the-store'))).not.toContain('create web.1: container_name changed')
    expect(bearers(l)).toEqual(['web:1 exited own', 'web:1 running the-store'])
    expect(l.world.containers.every(({ id }) => before.includes(id))).toBe(true)
  })

  it('moves to another service with the commit that says so', () => {
    const two = (holder: string) =>
      release(
        ['one', 'two'].map((name) =>
          service({ name, image: `${name}:1`, ...(name === holder ? { containerName: 'the-shop' } : {}) }),
        ),
      )
    const l = settled(two('one'))
    rollOut(l, two('two'))
    expect(bearers(l).filter((line) => line.includes('running'))).toEqual([
      'one:1 running own',
      'two:1 running the-shop',
    ])
  })

  it('taken by a stranger is an obstacle before the old replica is stopped', () => {
    const l = settled(named('web:1', null))
    l.world.strangers.push('the-shop')
    commit(l, named('web:2'))
    const { steps, status } = pass(l)
    expect(steps).toEqual([])
    expect(status.sync).toBe('Blocked')
    expect(status.message).toContain('docker rename the-shop the-shop-old')
    expect(bearers(l)).toEqual(['web:1 running own'])
    l.world.strangers = []
    settle(l)
    expect(bearers(l)).toEqual(['web:1 exited own', 'web:2 running the-shop'])
  })

  it('of another stack of ours is taken as well', () => {
    const l = settled(named('web:1'))
    for (const container of l.world.containers) container.stack = 'other'
    l.world.marks.clear()
    const other = lab()
    other.world = l.world
    commit(other, named('web:1'))
    expect(pass(other).status.message).toContain('the name the-shop')
  })

  it('is given back to a replica that lost it, and that runs on meanwhile', () => {
    const l = settled(named('web:1'))
    const [container] = l.world.containers
    if (!container) throw new Error('nothing was created')
    container.actualName = container.name
    const before = container.startedAt
    expect(settleAsPlanned(l)).toEqual(['rename web.1: container_name of web'])
    expect([container.actualName, container.startedAt]).toEqual(['the-shop', before])
  })

  it('C1 survives a kill before any step', () => {
    for (let kill = 1; kill <= 8; kill += 1) {
      const l = settled(named('web:1'))
      commit(l, named('web:2'))
      let left = kill
      for (let n = 0; n < 60; n += 1) {
        pass(l, () => left-- !== 1)
        advance(l.world, 500)
      }
      expect(l.run).toBe(2)
      settle(l)
      expect(bearers(l)).toEqual(['web:1 exited own', 'web:2 running the-shop'])
    }
  })

  it('O9 a generated name that a stranger took: the next number, and the stranger is left alone', () => {
    const l = lab()
    commit(l, named('web:1', null))
    const planned = preview(l).steps.find(({ kind }) => kind === 'create')
    const taken = planned?.kind === 'create' ? planned.args.container : ''
    l.world.strangers.push(taken)
    settle(l)
    expect(l.world.containers.map(({ name }) => name)).toEqual([taken.replace(/-1$/, '-2')])
    expect(l.world.strangers).toEqual([taken])
  })
})
