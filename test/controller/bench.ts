import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Controller, type ControllerOptions, startController } from '../../src/controller/controller.ts'
import { emptyWorld } from '../../src/decide/simulation/world.ts'
import { type Engines, enginesOf } from '../../src/engine/engines.ts'
import { type ModelEngine, modelEngine } from '../../src/engine/model/engine.ts'
import { type Keys, keysOf } from '../../src/model/keys.ts'
import { directProber } from '../../src/probe/direct.ts'
import { openGitSource } from '../../src/source/git.ts'
import type { Source, SourceSettings } from '../../src/source/source.ts'
import { openStore } from '../../src/store/sqlite.ts'
import type { HistoryEntry, StackEntry, Store } from '../../src/store/store.ts'
import { createRepo, type Repo } from '../support/git-repo.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { until } from '../support/until.ts'

export interface Bench {
  /** Of the one source that is followed. */
  name: string
  sources: string[]
  repo: Repo
  source: Source
  engine: ModelEngine
  /** Those of further targets, by name. */
  others: Record<string, ModelEngine>
  engines: Engines
  store: Store
  /** What was reported so far. */
  told: HistoryEntry[]
  /** How often an image was resolved, by name. */
  resolved: Map<string, number>
  start(options?: Partial<ControllerOptions>, poll?: string): Controller
  /** Opens the store a second time, as another process does. */
  outside(keys?: Keys): Store
  running(stack: string): string[]
}

/** A model engine with some images, a real repository and a real store; gone when the test is over. */
export async function bench(targets: string[] = [], settings: Partial<SourceSettings> = {}): Promise<Bench> {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const repo = await createRepo(join(folder.path, 'repo'))
  const store = openStore(folder.path, KEYS)
  onTestFinished(store.close)
  const engine = newEngine()
  const others = Object.fromEntries(targets.map((name) => [name, newEngine()]))
  const engines = enginesOf({ '': engine, ...others })
  const resolved = countResolves(engine)
  const told: HistoryEntry[] = []
  const name = 'default'
  const source = openGitSource({
    url: repo.path,
    at: { kind: 'branch', name: 'main' },
    directory: join(folder.path, 'git'),
    timeoutMs: 10_000,
    ...settings,
  })
  function report(entry: HistoryEntry): void {
    told.push(entry)
    store.append(entry)
  }
  function start(options: Partial<ControllerOptions> = {}, poll = NEVER): Controller {
    const now = () => ({ run: 'test', ms: engine.world.nowMs })
    const controller = startController(
      {
        sources: [{ name, source, poll }],
        ...{ engines, store, pool: '10.201.0.0/16', now, report, openProber: directProber },
      },
      { isAwake: true, ...options },
    )
    const clock = setInterval(() => [engine, ...Object.values(others)].map((one) => one.advance(50)), 5)
    onTestFinished(async () => {
      await controller.stop()
      clearInterval(clock)
    })
    return controller
  }
  function outside(keys = KEYS): Store {
    const other = openStore(folder.path, keys)
    onTestFinished(other.close)
    return other
  }
  const running = (stack: string) => runningOn(engine, stack)
  return {
    name,
    sources: [name],
    repo,
    source,
    engine,
    others,
    engines,
    store,
    told,
    resolved,
    start,
    outside,
    running,
  }
}

function newEngine(): ModelEngine {
  const engine = modelEngine(emptyWorld())
  for (const image of ['web:1', 'web:2', 'web:3', 'web:bad']) engine.world.images.add(image)
  engine.world.behaviours.set('web:bad', { exit: { afterMs: 0, code: 1 } })
  return engine
}

const KEYS = keysOf('5e'.repeat(32))

/** A schedule that does not come round in a test: the first look at start is the only one. */
const NEVER = '0 0 29 2 *'

export function compose(image: string, replicas = 2): string {
  const deploy = `    deploy:\n      replicas: ${replicas}\n      update_config: { monitor: 200ms }\n`
  return `services:\n  web:\n    image: ${image}\n${deploy}`
}

/** The images of a stack's replicas that run. */
export function runningOn({ world }: ModelEngine, stack: string): string[] {
  return world.containers.filter((c) => c.stack === stack && c.state === 'running').map((c) => c.image)
}

/** Waits for a state of one stack's entry. */
export async function untilStack(store: Store, stack: string, holds: (entry: StackEntry) => boolean, what: string) {
  await until(async () => holds(store.stack(stack)), `${stack} to be ${what}`, 20_000).catch((error) => {
    throw new Error(`${error.message} It is: ${JSON.stringify(store.stack(stack).status)}`)
  })
}

export async function untilStable(store: Store, stack: string): Promise<void> {
  await untilStack(store, stack, ({ status }) => status?.sync === 'Synced' && status.health === 'Healthy', 'stable')
}

function countResolves(engine: ModelEngine): Map<string, number> {
  const resolved = new Map<string, number>()
  const { resolve } = engine
  engine.resolve = (image, pull) => {
    resolved.set(image, (resolved.get(image) ?? 0) + 1)
    return resolve(image, pull)
  }
  return resolved
}
