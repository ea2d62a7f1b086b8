import { makeRelease, type Pin, type Release } from '../../src/model/release.ts'
import type { ContainerSpec, HealthCheck, Service, Stack } from '../../src/model/stack.ts'

const CHECK: HealthCheck = {
  test: ['CMD', 'true'],
  intervalMs: 1_000,
  timeoutMs: 1_000,
  retries: 3,
  startPeriodMs: 0,
}

type ServiceParts = Partial<Omit<Service, 'container' | 'update'>> & {
  container?: Partial<ContainerSpec>
  update?: Partial<Service['update']>
}

/** A health-checked service of one replica; whatever matters to a test is passed in. */
export function service(parts: ServiceParts = {}): Service {
  const { container, update, ...rest } = parts
  return {
    name: 'web',
    image: 'web:1',
    pull: 'missing',
    kind: 'service',
    replicas: 1,
    publish: [],
    dependsOn: {},
    restart: 'unless-stopped',
    ...rest,
    container: {
      environment: {},
      labels: {},
      mounts: [],
      networks: [{ network: 'shop_default', aliases: ['web'] }],
      stopGraceMs: 10_000,
      healthcheck: CHECK,
      ...container,
    },
    update: { order: 'start-first', parallelism: 1, monitorMs: 3_000, ...update },
  }
}

/** A job that must complete once. */
export function job(parts: ServiceParts = {}): Service {
  return service({ name: 'migrate', image: 'migrate:1', kind: 'job', restart: 'no', ...parts })
}

function stack(services: Service[], parts: Partial<Stack> = {}): Stack {
  return {
    name: 'shop',
    services: Object.fromEntries(services.map((s) => [s.name, s])),
    networks: { shop_default: { external: false, internal: false } },
    volumes: {},
    files: {},
    dependsOn: [],
    target: '',
    rollback: 'release',
    selfHeal: 'correct',
    prune: true,
    progressDeadlineMs: 600_000,
    ...parts,
  }
}

/** A release whose images are pinned to themselves, but for those named in `missing`. */
export function release(
  services: Service[],
  parts: Partial<Stack> & { missing?: string[]; commit?: string } = {},
): Release {
  const { missing = [], commit = 'c'.repeat(40), ...rest } = parts
  const pinOf = (image: string): Pin =>
    missing.includes(image) ? { missing: 'no such image' } : { reference: image, local: true }
  const pins = Object.fromEntries(services.map(({ image }) => [image, pinOf(image)]))
  return makeRelease(stack(services, rest), commit, pins)
}
