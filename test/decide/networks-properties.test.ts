import fc from 'fast-check'
import { expect, it } from 'vitest'
import { advance, begin, end } from '../../src/decide/simulation/advance.ts'
import type { Release } from '../../src/model/release.ts'
import { release, service } from '../support/builders.ts'
import { commit, type Lab, lab, pass, restart, run, settle } from './lab.ts'

/** Each run waits for back-offs to end, and is several times as long as those of other properties. */
const RUNS = Math.ceil(Number(process.env.HOLDFAST_PROPERTY_RUNS ?? 1_000) / 5)

interface Shape {
  vpn: number
  app: number
  name: string | null
  depends: boolean
}

type Event =
  | { kind: 'commit'; shape: Shape }
  | { kind: 'run'; ms: number }
  | { kind: 'kill'; beforeStep: number }
  | { kind: 'hand'; what: 'remove' | 'stop' | 'restart' | 'cut' | 'delete-network'; index: number }

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    kind: fc.constant('commit' as const),
    shape: fc.record({
      vpn: fc.constantFrom(1, 2),
      // The third does not stay up.
      app: fc.constantFrom(1, 2, 3),
      name: fc.constantFrom(null, 'the-shop', 'the-store'),
      depends: fc.boolean(),
    }),
  }),
  fc.record({ kind: fc.constant('run' as const), ms: fc.constantFrom(500, 5_000, 60_000) }),
  fc.record({ kind: fc.constant('kill' as const), beforeStep: fc.nat(2) }),
  fc.record({
    kind: fc.constant('hand' as const),
    what: fc.constantFrom('remove', 'stop', 'restart', 'cut', 'delete-network'),
    index: fc.nat(10),
  }),
)

function releaseOf({ vpn, app, name, depends }: Shape): Release {
  const named = name === null ? {} : { containerName: name }
  return release([
    service({ name: 'vpn', image: `vpn:${vpn}`, ...named, update: name === null ? {} : { order: 'stop-first' } }),
    service({
      name: 'app',
      image: `app:${app}`,
      dependsOn: depends ? { vpn: 'healthy' } : {},
      container: { networks: [], networkMode: { service: 'vpn' } },
      update: { order: 'stop-first' },
    }),
    service({ name: 'web', image: `web:${app % 2}`, replicas: 2, dependsOn: depends ? { app: 'started' } : {} }),
  ])
}

function play(l: Lab, happening: Event): void {
  if (happening.kind === 'commit') {
    commit(l, releaseOf(happening.shape), { 'app:3': { exit: { afterMs: 1_000, code: 1 } } })
    pass(l)
  } else if (happening.kind === 'run') run(l, happening.ms)
  else if (happening.kind === 'kill') {
    let left = happening.beforeStep
    pass(l, () => left-- > 0)
    restart(l)
    advance(l.world, 500)
  } else meddle(l, happening)
}

function meddle({ world }: Lab, { what, index }: Event & { kind: 'hand' }): void {
  if (what === 'delete-network') {
    world.networks.delete('shop_default')
    for (const each of world.containers) each.attached = {}
    return
  }
  const container = world.containers[index % Math.max(1, world.containers.length)]
  if (!container) return
  const isRunning = container.state === 'running'
  if (what === 'remove') world.containers = world.containers.filter((c) => c !== container)
  else if (what === 'cut') container.attached = {}
  else if (isRunning) end(world, container, 137, 'was ended by hand')
  if (what === 'restart' && isRunning) begin(world, container, world.nowMs)
}

it('whatever happens, names, addresses and shared networks are right when it has settled', () => {
  const property = fc.property(fc.array(event, { minLength: 3, maxLength: 25 }), (events) => {
    const l = lab()
    for (const one of events) play(l, one)
    if (!l.latest) return
    // A back-off may be waited for while all is healthy.
    for (let n = 0; n < 3; n += 1) {
      settle(l)
      run(l, 400_000)
    }
    settle(l)
    const running = l.world.containers.filter((c) => c.state === 'running')
    const of = (name: string) => running.filter((c) => c.service === name)
    if (l.record.stable === null) return
    const stable = l.releases.get(l.record.stable)
    expect([of('vpn').length, of('app').length, of('web').length]).toEqual([1, 1, 2])
    const [vpn, app] = [of('vpn')[0], of('app')[0]]
    expect(app?.networkOf).toBe(vpn?.id)
    expect(app?.startedMs ?? 0).toBeGreaterThanOrEqual(vpn?.startedMs ?? Number.NaN)

    const name = stable?.stack.services['vpn']?.containerName
    expect(vpn?.actualName).toBe(name ?? vpn?.name)
    const others = l.world.containers.filter((c) => c !== vpn)
    expect(others.map((c) => c.actualName)).toEqual(others.map((c) => c.name))

    const addresses = l.world.containers.flatMap((c) => Object.values(c.addresses))
    expect(new Set(addresses).size).toBe(addresses.length)
    for (const each of [...of('vpn'), ...of('web')]) {
      expect(each.attached['shop_default']?.address).toBe(each.addresses['shop_default'])
    }
  })
  fc.assert(property, { numRuns: RUNS, endOnFailure: true })
})
