import { inject } from 'vitest'
import { dockerEngine } from '../../src/engine/docker/docker.ts'
import { dockerWorld } from './docker-world.ts'
import { engineContract } from './engine.contract.ts'

engineContract('a real Docker engine', async () => {
  const socketPath = inject('engineSocket')
  return await dockerWorld(socketPath, dockerEngine({ socketPath, instance: 'contract' }))
})
