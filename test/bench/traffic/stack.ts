import { LOAD_COMMAND, SERVICE_IMAGE } from '../../support/traffic/service-image.ts'
import { insidePlan, type Ports } from './plans.ts'

export type Behaviour = 'good' | 'exits' | 'never-healthy' | 'turns-unhealthy'

type Parts = Record<string, unknown>

/** What the ways have in common. `web` is the service that gets updated. */
export interface Stack {
  web: Parts
  /** Everything else, which no update touches. */
  others: Record<string, Parts>
}

/** The stack at one version; the ways add what is theirs. */
export function stackOf(ports: Ports, perSecond: number, version: number, behaviour: Behaviour): Stack {
  const image = SERVICE_IMAGE
  const calm = { image, healthcheck: { disable: true } }
  return {
    web: {
      image,
      environment: { VERSION: `v${version}`, BEHAVIOUR: behaviour, PEER: 'peer', SICK_AFTER_MS: '3000' },
      healthcheck: {
        test: ['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:8080/health'],
        interval: '2s',
        timeout: '10s',
        retries: 1,
        start_period: '2s',
      },
      stop_grace_period: '10s',
    },
    others: {
      peer: { ...calm, environment: { VERSION: 'peer' } },
      bystander: {
        ...calm,
        environment: { VERSION: 'bystander' },
        ports: [`${ports.bystander}:8080`, `${ports.echo}:9000`],
      },
      inside: {
        ...calm,
        command: LOAD_COMMAND,
        // Looking a name up takes a thread in Node: some that wait must not keep the others from it.
        environment: { LOAD: JSON.stringify(insidePlan(perSecond)), PORT: '8080', UV_THREADPOOL_SIZE: '64' },
      },
    },
  }
}
