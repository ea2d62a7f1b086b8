import type { Engine } from '../../src/engine/engine.ts'
import { appImage } from '../support/app.ts'
import { startFailingRegistry } from '../support/failing-registry.ts'
import { buildImage } from '../support/images.ts'
import { until } from '../support/until.ts'
import type { World } from './world.ts'

/** What the contract needs, on the real engine behind `socketPath`; `engine` is how it is reached. */
export async function dockerWorld(socketPath: string, engine: Engine): Promise<World> {
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
    until,
    cleanup: () => registry.stop(),
  }
}
