import type { Engine } from '../../src/engine/engine.ts'
import type { Observed, ObservedContainer, Query } from '../../src/model/observed.ts'
import type { ContainerSpec } from '../../src/model/stack.ts'
import type { Step, StepArguments, StepKind } from '../../src/model/steps.ts'

/** What an implementation of Engine brings to be tested: itself, images that behave in known ways, and its time. */
export interface World {
  engine: Engine
  images: {
    /** Runs until it is stopped, and its health check passes soon. */
    good: string
    /** Runs until it is stopped; no health check. */
    bare: string
    /** Is healthy at first, then unhealthy, still running. */
    turnsUnhealthy: string
    /** Ends with code 7 at once. */
    exits7: string
    /** Its command does not exist, so that the engine refuses to start it. */
    cannotStart: string
    /** Exists nowhere, and whoever is asked says so. */
    missing: string
  }
  /** Lets time pass until the condition holds; rejects, naming `what`, when it does not in reasonable time. */
  until(condition: () => Promise<boolean>, what: string): Promise<void>
  cleanup(): Promise<void>
}

/** One that the whole suite can be run against. */
export interface ContractWorld extends World {
  /** Runs a second replica of `web` as Docker Compose does for a project of that name. Resolves to its id. */
  compose(project: string, image: string): Promise<string>
}

let stacks = 0

/** One stack of a test's own, and short words for what tests do with it. */
export class Bench {
  readonly stack = `c${process.pid}x${++stacks}`
  readonly world: World
  readonly #used: { containers: Set<string>; compose: Set<string>; networks: Set<string>; files: Set<string> }

  constructor(world: World) {
    this.world = world
    this.#used = { containers: new Set(), compose: new Set(), networks: new Set(), files: new Set() }
  }

  name(n = 1): string {
    return `${this.stack}-web-1-0a1b2c3d-${n}`
  }

  step<Kind extends StepKind>(kind: Kind, args: StepArguments[Kind]): Step {
    const step = { kind, stack: this.stack, resource: this.stack, because: 'a test wants it', args }
    return step as Step
  }

  async do<Kind extends StepKind>(kind: Kind, args: StepArguments[Kind]): Promise<void> {
    if (kind === 'create-network') this.#used.networks.add((args as StepArguments['create-network']).network)
    if (kind === 'create-files') this.#used.files.add((args as StepArguments['create-files']).volume)
    await this.world.engine.execute(this.step(kind, args))
  }

  /** Creates a container of `image` without networks unless `change` says otherwise. */
  async create(
    image: string,
    change: { n?: number; config?: Partial<ContainerSpec>; args?: Partial<StepArguments['create']> } = {},
  ): Promise<string> {
    const container = this.name(change.n)
    this.#used.containers.add(container)
    await this.do('create', {
      container,
      service: 'web',
      slot: 1,
      role: 'service',
      image,
      spec: 'v1:0a1b2c3d',
      release: 'release-1',
      commit: 'c0ffee',
      config: { environment: {}, labels: {}, mounts: [], networks: [], stopGraceMs: 1_000, ...change.config },
      publish: [],
      addresses: {},
      ...change.args,
    })
    return container
  }

  async run(image: string, change: Parameters<Bench['create']>[1] = {}): Promise<string> {
    const container = await this.create(image, change)
    await this.do('start', { container })
    return container
  }

  look(query: Partial<Query> = {}): Promise<Omit<Observed, 'happened'>> {
    return this.world.engine.observe({ stack: this.stack, images: [], networks: [], volumes: [], ...query })
  }

  /** Removes a container of Docker Compose at the end. */
  willRemove(id: string): void {
    this.#used.compose.add(id)
  }

  async find(container: string): Promise<ObservedContainer | undefined> {
    return (await this.look()).containers.find(({ name }) => name === container)
  }

  /** Waits until the container is seen as wanted, and returns it so. */
  async seen(container: string, wanted: (found: ObservedContainer) => boolean): Promise<ObservedContainer> {
    let last: ObservedContainer | undefined
    await this.world.until(async () => {
      last = await this.find(container)
      return last !== undefined && wanted(last)
    }, `${container} (${wanted.toString()})`)
    if (last === undefined) throw new Error(`${container} vanished`)
    return last
  }

  async clear(): Promise<void> {
    for (const container of this.#used.containers) await this.do('remove', { container })
    for (const adopted of this.#used.compose) await this.do('remove', { container: adopted, adopted })
    for (const network of this.#used.networks) await this.do('remove-network', { network })
    for (const volume of this.#used.files) await this.do('remove-files', { volume })
    await this.do('clear-mark', {})
  }
}
