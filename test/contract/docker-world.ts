import Docker from 'dockerode'
import type { Engine } from '../../src/engine/engine.ts'
import { wipeStack } from '../scenarios/engine.ts'
import { appImage } from '../support/app.ts'
import { startFailingRegistry } from '../support/failing-registry.ts'
import { buildImage } from '../support/images.ts'
import { ensureTrafficImage } from '../support/traffic-image.ts'
import { until } from '../support/until.ts'
import type { ContractWorld } from './world.ts'

/** What the contract needs, on the real engine behind `socketPath`; `engine` is how it is reached, with our image. */
export async function dockerWorld(socketPath: string, instance: string, engine: Engine): Promise<ContractWorld> {
  await ensureTrafficImage(socketPath)
  await appImage(socketPath, 'contract/good:1', { kind: 'good' })
  await appImage(socketPath, 'contract/bare:1', { kind: 'no-healthcheck' })
  await appImage(socketPath, 'contract/turns-unhealthy:1', { kind: 'turns-unhealthy', seconds: 2 })
  await appImage(socketPath, 'contract/exits7:1', { kind: 'exit', code: 7 })
  const broken = 'FROM contract/bare:1\nCMD ["/no/such/program"]\n'
  await buildImage(socketPath, 'contract/cannot-start:1', { files: {}, dockerfile: broken })
  const registry = await startFailingRegistry('not-found')
  return {
    engine,
    images: {
      good: 'contract/good:1',
      bare: 'contract/bare:1',
      turnsUnhealthy: 'contract/turns-unhealthy:1',
      exits7: 'contract/exits7:1',
      cannotStart: 'contract/cannot-start:1',
      missing: `${registry.host}/no/such/image:1`,
    },
    compose: (project, image) => compose(socketPath, project, image),
    until,
    async cleanup() {
      await wipeStack(new Docker({ socketPath }), instance)
      await registry.stop()
    },
  }
}

/** As `docker compose up` makes it. */
async function compose(socketPath: string, project: string, image: string): Promise<string> {
  const container = await new Docker({ socketPath }).createContainer({
    name: `${project}_web_2`,
    Image: image,
    HostConfig: { NetworkMode: 'none', RestartPolicy: { Name: 'always' } },
    Labels: {
      'com.docker.compose.project': project,
      'com.docker.compose.service': 'web',
      'com.docker.compose.container-number': '2',
      'com.docker.compose.oneoff': 'False',
    },
  })
  await container.start()
  return container.id
}
