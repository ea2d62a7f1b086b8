import type { SimulatedContainer } from '../../src/decide/simulation/world.ts'
import { EMPTY_IMAGE } from '../../src/model/fields.ts'

/** The second replica of `web` in the project `shop`, made by Docker Compose and not started yet; parts as passed in. */
export function composeContainer(parts: Partial<SimulatedContainer> = {}): SimulatedContainer {
  const { stack = 'shop', service = 'web', slot = 2 } = parts
  return {
    id: `compose-${service}-${slot}`,
    name: `${stack}_${service}_${slot}`,
    actualName: `${stack}_${service}_${slot}`,
    adopted: true,
    stack,
    service,
    slot,
    role: 'service',
    spec: '',
    release: '',
    image: `${service}:compose`,
    state: 'created',
    health: 'none',
    startedAt: '',
    restarts: 0,
    exitCode: 0,
    lastCheck: '',
    complaint: '',
    error: '',
    restart: 'no',
    ingress: [],
    publish: [],
    addresses: {},
    attached: {},
    address: '',
    networkOf: '',
    fields: {},
    imageConfig: EMPTY_IMAGE,
    volumes: [],
    upSinceMs: 0,
    ...parts,
  }
}
