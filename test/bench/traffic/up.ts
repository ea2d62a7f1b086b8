import Docker from 'dockerode'
import { dockerCompose, wipeProject } from '../../support/docker-compose.ts'
import { addressOf, freePorts, untilHealthy } from './compose-project.ts'
import { type Behaviour, stackOf } from './stack.ts'
import type { Way } from './way.ts'

const PROJECT = 'up'

/** The file is changed, and `docker-compose up -d` makes it so: the old container is stopped, then the new one started. */
export async function openUp(at: { socket: string; folder: string }, perSecond: number): Promise<Way> {
  const docker = new Docker({ socketPath: at.socket })
  const ports = await freePorts()

  async function update(version: number, behaviour: Behaviour): Promise<string> {
    const { web, others } = stackOf(ports, perSecond, version, behaviour)
    const services = { ...others, web: { ...web, ports: [`${ports.web}:8080`] } }
    await dockerCompose({ ...at, project: PROJECT }, { services }, 'up', '-d')
    await untilHealthy(docker, PROJECT, 1)
    return 'runs'
  }

  await update(0, 'good')
  return {
    title: 'docker-compose up',
    ports,
    update,
    addressOf: (service) => addressOf(docker, PROJECT, service),
    told: async () => '',
    close: () => wipeProject(docker, PROJECT),
  }
}
