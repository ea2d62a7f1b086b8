import { inject } from 'vitest'
import { dockerEngine } from '../../src/engine/docker/docker.ts'
import { TRAFFIC } from '../support/traffic-image.ts'
import { dockerWorld } from './docker-world.ts'
import { engineContract } from './engine.contract.ts'

engineContract('a real Docker engine', async () => {
  const socketPath = inject('engineSocket')
  const instance = 'contract'
  const engine = dockerEngine({ socketPath, instance, traffic: TRAFFIC })
  return await dockerWorld(socketPath, instance, engine)
})
