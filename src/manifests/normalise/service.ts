import type { ContainerSpec, HealthCheck, PublishedPort, Route, Service } from '../../model/stack.ts'
import { present, type ServiceContext } from './context.ts'
import { dependsOn } from './dependencies.ts'
import { healthOf } from './health.ts'
import { jobOf, replicasOf } from './kind.ts'
import { limitsOf } from './limits.ts'
import { mountsOf, type PlacedMount } from './mounts.ts'
import { networkModeOf } from './network-mode.ts'
import { networksOf } from './networks.ts'
import { environmentOf, labelsOf } from './pairs.ts'
import { type PlacedPort, portsOf } from './ports.ts'
import { privilegesOf } from './privileges.ts'
import { probeOf } from './probe.ts'
import { durationMs } from './quantity.ts'
import { type PlacedRoute, routesOf } from './routes.ts'
import { extraHostsOf, loggingOf, restartOf, wordsOf } from './runtime.ts'
import { obstacleToOverlap } from './sharing.ts'
import { surroundingsOf } from './surroundings.ts'
import { drainOf, updateOf } from './update.ts'

/** Docker's own default. */
const STOP_GRACE = '10s'

/** A service of the model, with the places of its ports, mounts and routes for the rules that come after. */
export interface MadeService {
  service: Service
  ports: PlacedPort[]
  mounts: PlacedMount[]
  routes: PlacedRoute[]
  /** Why old and new cannot run at the same time; undefined when they can. */
  obstacle: string | undefined
  context: ServiceContext
}

/** Turns one service of the file into the model's; what does not fit is reported. */
export function makeService(kind: Service['kind'], context: ServiceContext): MadeService {
  const { file } = context
  const [ports, probe, mounts] = [portsOf(context), probeOf(context), mountsOf(context)]
  const container = containerOf({ healthcheck: probe === undefined ? healthOf(context) : 'none', mounts }, context)
  const routes = routesOf(ports, context)
  const obstacle = obstacleToOverlap({ ports, spec: container }, context)
  const service = present<Service>({
    name: context.service,
    image: file.image,
    pull: file.pull_policy === 'if_not_present' ? 'missing' : (file.pull_policy ?? 'missing'),
    kind,
    ...jobOf(kind, context),
    replicas: replicasOf(context),
    containerName: file.container_name,
    probe,
    container,
    publish: ports.map(withoutPath),
    routes: routes.length === 0 ? undefined : sorted(routes),
    drainMs: drainOf(kind, context),
    dependsOn: dependsOn(context),
    update: updateOf({ obstacle, check: probe ?? container.healthcheck }, context),
    restart: restartOf(kind, context),
  })
  return { service, ports, mounts, routes, obstacle, context }
}

interface Parts {
  healthcheck: HealthCheck | 'none' | undefined
  mounts: PlacedMount[]
}

function containerOf({ healthcheck, mounts }: Parts, context: ServiceContext): ContainerSpec {
  const { file } = context
  return present<ContainerSpec>({
    entrypoint: wordsOf('entrypoint', context),
    command: wordsOf('command', context),
    ...environmentOf(context),
    user: file.user === undefined ? undefined : String(file.user),
    workingDir: file.working_dir,
    hostname: file.hostname,
    labels: labelsOf(context),
    healthcheck,
    mounts: mounts.map(({ mount }) => mount),
    networks: networksOf(context),
    networkMode: networkModeOf(context),
    stopSignal: file.stop_signal,
    stopGraceMs: durationMs(file.stop_grace_period ?? STOP_GRACE),
    init: file.init,
    readOnly: file.read_only,
    capDrop: file.cap_drop,
    ...privilegesOf(context),
    extraHosts: extraHostsOf(context),
    logging: loggingOf(context),
    ...surroundingsOf(context),
    ...limitsOf(context),
  })
}

function withoutPath({ path: _, ...port }: PlacedPort): PublishedPort {
  return port
}

function sorted(routes: readonly PlacedRoute[]): Route[] {
  const keyOf = ({ host, path }: Route) => `${host} ${path}`
  return routes.map(({ route }) => route).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}
