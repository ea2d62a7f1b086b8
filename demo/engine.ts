import Docker from 'dockerode'
import { engineFacts } from '../src/engine/docker/facts.ts'
import { LABEL } from '../src/model/labels.ts'
import { findEngine, type PrivateEngine, startPrivateEngine } from '../test/support/docker.ts'
import type { Cleanup } from './cleanup.ts'
import type { Say } from './say.ts'

export interface DemoEngine {
  socket: string
  /** Where networks get their subnets from, so that all of it goes with a private engine; null: as Holdfast does. */
  pool: string | null
  docker: Docker
}

/** The engine that is there, or else a private one that goes away with the demo. */
export async function openEngine(cleanup: Cleanup, say: Say): Promise<DemoEngine> {
  const found = await findEngine()
  const own = found === null ? await startOwn(cleanup, say) : { socket: found, addresses: null }
  const { socket } = own
  const docker = new Docker({ socketPath: socket })
  const { Version } = await docker.version()
  say(found === null ? `engine: Docker ${Version}, private, on ${socket}` : `engine: Docker ${Version} on ${found}`)
  return { socket, pool: own.addresses, docker }
}

async function startOwn(cleanup: Cleanup, say: Say): Promise<PrivateEngine> {
  say('engine: there is none that answers; starting a private one')
  const engine = await startPrivateEngine({ say: (line) => say(`engine: ${line}`) })
  cleanup.add('the private engine', engine.stop)
  return engine
}

/** Rejects where containers do not get the host's network: the gateway could not be reached on this machine. */
export async function assertHostNetwork(socketPath: string, instance: string): Promise<void> {
  const { kind } = await engineFacts({ socketPath, instance })
  if (kind === 'plain') return
  const what = kind === 'desktop' ? 'Docker Desktop' : 'a rootless engine'
  throw new Error(`The gateway needs the host's network, which ${what} has not: point DOCKER_HOST at another engine.`)
}

/** Rejects when somebody else's objects have the names that the stacks will need; nothing of theirs is touched. */
export async function assertNamesFree(docker: Docker, stacks: string[]): Promise<void> {
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    docker.listContainers({ all: true }),
    docker.listNetworks(),
    docker.listVolumes(),
  ])
  const names = [
    ...containers.flatMap(({ Names }) => Names.map((name) => `container ${name.slice(1)}`)),
    ...networks.map(({ Name }) => `network ${Name}`),
    ...(volumes ?? []).map(({ Name }) => `volume ${Name}`),
  ]
  const taken = names.filter((name) => stacks.some((stack) => new RegExp(`^\\w+ ${stack}[-_]`).test(name)))
  if (taken.length === 0) return
  const text = `This engine already has what the demo would be mixed up with: ${taken.join(', ')}.`
  throw new Error(`${text} Remove or rename it, or point DOCKER_HOST at another engine.`)
}

/** Removes every object that carries the instance's label, data included, and the marks it left on images. */
export async function removeInstance(docker: Docker, instance: string): Promise<void> {
  const filters = { label: [`${LABEL.instance}=${instance}`] }
  const containers = await docker.listContainers({ all: true, filters })
  await Promise.all(containers.map(({ Id }) => gone(docker.getContainer(Id).remove({ force: true, v: true }))))
  const networks = await docker.listNetworks({ filters })
  await Promise.all(networks.map(({ Id }) => gone(docker.getNetwork(Id).remove())))
  const { Volumes: volumes } = await docker.listVolumes({ filters })
  await Promise.all((volumes ?? []).map(({ Name }) => gone(docker.getVolume(Name).remove())))
  const images = await docker.listImages({ filters: { reference: [`holdfast/${instance}/*`] } })
  const marks = images
    .flatMap(({ RepoTags }) => RepoTags ?? [])
    .filter((tag) => tag.startsWith(`holdfast/${instance}/`))
  for (const mark of marks) await gone(docker.getImage(mark).remove())
}

/** Somebody may have been faster. */
export async function gone(removal: Promise<unknown>): Promise<void> {
  await removal.catch((error: unknown) => {
    if (!(error instanceof Error && 'statusCode' in error && error.statusCode === 404)) throw error
  })
}
