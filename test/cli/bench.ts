import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import Docker from 'dockerode'
import { inject, onTestFinished } from 'vitest'
import { appImage } from '../support/app.ts'
import { createRepo, type Repo } from '../support/git-repo.ts'
import { temporaryFolder } from '../support/temporary.ts'

export interface Bench {
  repo: Repo
  /** Points the program at the repository, a data directory of its own and the test's engine. */
  env: Record<string, string>
}

interface BenchOptions {
  /** Tests that run at the same time need names of their own. */
  stack?: string
  /** Takes what is to be done in the end; after the test when absent. */
  later?(work: () => void | Promise<void>): void
}

/** A repository with one good stack; what it becomes on the engine is gone in the end. */
export async function bench({ stack = 'clistack', later = onTestFinished }: BenchOptions = {}): Promise<Bench> {
  const socket = inject('engineSocket')
  const folder = temporaryFolder()
  later(folder.remove)
  // Another instance each time: the mark of a stable release outlives everything else on the engine.
  const instance = `cli${randomBytes(4).toString('hex')}`
  later(() => cleanUp(socket, instance))
  await appImage(socket, 'cli:good', { kind: 'no-healthcheck' })
  await appImage(socket, 'cli:bad', { kind: 'exit', code: 1 })
  const repo = await createRepo(join(folder.path, 'repo'))
  await repo.commit({ [`stacks/${stack}/compose.yaml`]: compose('cli:good') }, 'a good one')
  const env = {
    HOLDFAST_REPO: repo.path,
    HOLDFAST_DATA: join(folder.path, 'data'),
    HOLDFAST_ENGINE: `unix://${socket}`,
    HOLDFAST_INSTANCE: instance,
    HOLDFAST_TRAFFIC: 'off',
  }
  return { repo, env }
}

export function compose(image: string): string {
  const deploy = '    deploy:\n      update_config: { monitor: 1s }\n'
  return `services:\n  web:\n    image: ${image}\n    pull_policy: never\n${deploy}`
}

/** Leaves the stack's names free for the next test. */
async function cleanUp(socket: string, instance: string): Promise<void> {
  const docker = new Docker({ socketPath: socket })
  const filters = { label: [`dev.holdfast.instance=${instance}`] }
  const containers = await docker.listContainers({ all: true, filters })
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true })))
  const networks = await docker.listNetworks({ filters })
  await Promise.all(networks.map(({ Id }) => docker.getNetwork(Id).remove()))
}
