import type Docker from 'dockerode'
import { freePort } from '../../support/port.ts'
import { until } from '../../support/until.ts'
import type { Ports } from './plans.ts'

const SERVICE = 'com.docker.compose.service'
const PROJECT = 'com.docker.compose.project'

export interface Replica {
  id: string
  address: string
  health: string
}

/** Ports of the host that nobody holds. */
export async function freePorts(): Promise<Ports> {
  return { web: await freePort(), bystander: await freePort(), echo: await freePort() }
}

/** The running containers of a service, oldest first. */
export async function replicasOf(docker: Docker, project: string, service: string): Promise<Replica[]> {
  const filters = { label: [`${PROJECT}=${project}`, `${SERVICE}=${service}`] }
  const listed = (await docker.listContainers({ filters })).sort((one, other) => one.Created - other.Created)
  return await Promise.all(listed.map(async ({ Id }) => see(docker, Id)))
}

async function see(docker: Docker, id: string): Promise<Replica> {
  const { State, NetworkSettings } = await docker.getContainer(id).inspect()
  const [network] = Object.values(NetworkSettings.Networks)
  return { id, address: network?.IPAddress ?? '', health: State.Health?.Status ?? 'none' }
}

/** Waits for `count` healthy replicas of `web`. */
export async function untilHealthy(docker: Docker, project: string, count: number): Promise<void> {
  const healthy = async () => (await replicasOf(docker, project, 'web')).filter(({ health }) => health === 'healthy')
  await until(async () => (await healthy()).length === count, `${count} healthy replicas of ${project}`)
}

/** Where the host reaches the one container of a service. */
export async function addressOf(docker: Docker, project: string, service: string): Promise<string> {
  const [replica] = await replicasOf(docker, project, service)
  if (!replica) throw new Error(`${service} of ${project} does not run.`)
  return replica.address
}
