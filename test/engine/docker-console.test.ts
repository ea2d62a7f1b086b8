import { beforeAll, inject } from 'vitest'
import { dockerConsole } from '../../src/engine/docker/console/console.ts'
import { dockerEngine } from '../../src/engine/docker/docker.ts'
import { consoleContract } from '../contract/console.contract.ts'
import { BASE_IMAGE, ensureBaseImage } from '../support/images.ts'

const at = { socketPath: inject('engineSocket'), instance: 'console' }

beforeAll(() => ensureBaseImage(at.socketPath))

consoleContract('the console of a real engine', () => ({
  engine: dockerEngine(at),
  console: dockerConsole(at),
  image: BASE_IMAGE,
}))
