import { setMaxListeners } from 'node:events'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { dockerEngine } from '../../src/engine/docker/docker.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { enginesOf } from '../../src/engine/engines.ts'
import { keysOf } from '../../src/model/keys.ts'
import { makeRelease } from '../../src/model/release.ts'
import { directProber } from '../../src/probe/direct.ts'
import { type Parts, reconcile } from '../../src/reconcile.ts'
import { openStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { release, service } from '../support/builders.ts'
import { startPrivateEngine } from '../support/docker.ts'

import { BASE_IMAGE, buildImage, ensureBaseImage } from '../support/images.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { type Counter, countCalls } from './counting.ts'

/**
 * What a pass over everything costs when nothing is to be done: 60 stacks of 3 containers on a real engine, brought in by
 * Holdfast itself. `npm run bench`; takes some minutes and needs what the tests need.
 */
const STACKS = Array.from({ length: 60 }, (_, index) => `bench${String(index).padStart(2, '0')}`)
const REPLICAS = 3
const ROUNDS = 15
const INSTANCE = 'bench'
let pool = ''
const ended = new AbortController()
// One for every engine that is watched.
setMaxListeners(0, ended.signal)

await main()
process.exit()

async function main(): Promise<void> {
  const folder = temporaryFolder()
  const host = await startPrivateEngine({ say: console.log })
  const store = openStore(folder.path, keysOf('5e'.repeat(32)))
  const counter = await countCalls(host.socket, join(folder.path, 'proxy'))
  try {
    pool = host.addresses
    await bringIn(host.socket, store)
    const shared = open(host.socket)
    const own = new Map(STACKS.map((stack) => [stack, open(host.socket)]))
    const ways: [string, string, (stack: string) => Engine][] = [
      ['together', 'stacks share listings', () => shared],
      ['alone', 'each stack lists for itself', (stack) => own.get(stack) ?? shared],
    ]
    console.log(
      `\n${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, Docker ${(await shared.about()).version}`,
    )
    console.log(
      `${STACKS.length} stacks, ${STACKS.length * REPLICAS} containers, settled; ${ROUNDS} rounds by turns; load ${loadavg()[0]?.toFixed(1)}\n`,
    )
    await measure(ways, store)
    await count('stacks share listings', counter, () => open(counter.socket), store)
  } finally {
    ended.abort()
    counter.close()
    store.close()
    await host.stop()
    folder.remove()
  }
}

/** Watched, as the controller does: without, no replica is seen healthy without a break. */
function open(socketPath: string): Engine {
  const engine = dockerEngine({ socketPath, instance: INSTANCE })
  engine.watch({ onEvent: () => {}, onGap: () => {} }, ended.signal)
  return engine
}

/** Every stack through the whole rollout, with the code that a pass is measured with afterwards. */
async function bringIn(socket: string, store: Store): Promise<void> {
  await ensureBaseImage(socket)
  const dockerfile = `FROM ${BASE_IMAGE}\nCMD ["sleep", "1000000"]\n`
  const image = await buildImage(socket, 'bench:1', { files: {}, dockerfile })
  for (const stack of STACKS) save(stack, image, store)
  const engine = open(socket)
  const began = performance.now()
  // Some at a time: it is the engine that is slow here.
  for (let at = 0; at < STACKS.length; at += 6) {
    await Promise.all(STACKS.slice(at, at + 6).map((stack) => settle(stack, engine, store)))
    console.log(`brought in ${Math.min(at + 6, STACKS.length)} of ${STACKS.length} stacks`)
  }
  console.log(`rolled out in ${Math.round((performance.now() - began) / 1000)} s`)
}

function save(name: string, image: string, store: Store): void {
  const network = `${name}_default`
  const container = { networks: [{ network, aliases: ['web'] }], stopGraceMs: 1_000, healthcheck: 'none' as const }
  const update = { parallelism: 0, monitorMs: 200 }
  const web = service({ image: 'bench:1', replicas: REPLICAS, container, update })
  const networks = { [network]: { external: false, internal: false } }
  const { stack } = release([web], { name, networks })
  const made = makeRelease(stack, 'c'.repeat(40), { 'bench:1': { reference: image, local: true } })
  store.putRelease(made)
  const nothing = { subject: '', gone: false, problems: [], blocked: null, target: '' }
  store.save(name, { latest: { ...nothing, commit: made.commit, digest: made.digest } })
}

function partsFor(engine: Engine, store: Store): Parts {
  return {
    engines: enginesOf({ '': engine }),
    prober: directProber({ onChange: () => {} }),
    store,
    pool,
    takeHappened: () => [],
    tellHappened: (stack, happening) => console.log(stack, happening),
    now: () => ({ run: 'bench', ms: performance.now() }),
    report: ({ kind, stack, message }) => kind === 'step-failed' && console.log(stack, message),
    isStopping: () => false,
  }
}

async function settle(stack: string, engine: Engine, store: Store): Promise<void> {
  for (;;) {
    const waitMs = await reconcile(stack, partsFor(engine, store))
    if (waitMs === null || store.stack(stack).record.stable !== null) return
    await new Promise((resolve) => setTimeout(resolve, waitMs))
  }
}

/** Milliseconds: by the clock, and of this process's own computing, which other work on the machine does not stretch. */
interface Cost {
  clock: number
  computing: number
}

/** One pass of every lane, side by side. */
async function pass(engineOf: (stack: string) => Engine, store: Store): Promise<Cost> {
  const [began, used] = [performance.now(), process.cpuUsage()]
  await Promise.all(STACKS.map((stack) => reconcile(stack, partsFor(engineOf(stack), store))))
  const { user, system } = process.cpuUsage(used)
  return { clock: performance.now() - began, computing: (user + system) / 1_000 }
}

/** By turns, so that whatever else the machine does meets all ways alike. The first round only warms up. */
async function measure(ways: [string, string, (stack: string) => Engine][], store: Store): Promise<void> {
  const costs = new Map<string, Cost[]>(ways.map(([name]) => [name, []]))
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, , engineOf] of ways) {
      const cost = await pass(engineOf, store)
      if (round > 0) costs.get(name)?.push(cost)
    }
  }
  for (const [name, text] of ways) {
    const all = costs.get(name) ?? []
    console.log(`${text}: ${spread(all.map(({ clock }) => clock))}`)
    console.log(`  of it this process computes: ${spread(all.map(({ computing }) => computing))}`)
  }
}

function spread(values: number[]): string {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (index: number) => `${Math.round(sorted[index] ?? 0)} ms`
  return `median ${at(Math.floor(sorted.length / 2))}, best ${at(0)}, worst ${at(sorted.length - 1)}`
}

async function count(text: string, counter: Counter, openOne: () => Engine, store: Store): Promise<void> {
  const shared = openOne()
  const own = new Map(STACKS.map((stack) => [stack, openOne()]))
  for (const [name, engineOf] of [
    [text, () => shared],
    ['each stack lists for itself', (stack: string) => own.get(stack) ?? shared],
  ] as const) {
    await pass(engineOf, store)
    counter.reset()
    await pass(engineOf, store)
    const { reading, changing } = counter.calls
    console.log(`${name}: ${reading} reading calls a pass, ${changing} changing ones`)
    if (changing > 0) throw new Error('A pass over settled stacks must change nothing.')
  }
}
