import type { ContainerSpec, Mount, PublishedPort, Service } from '../../model/stack.ts'
import { present, type ServiceContext } from './context.ts'
import { dependsOn } from './dependencies.ts'
import { healthOf } from './health.ts'
import { mountsOf } from './mounts.ts'
import { networksOf } from './networks.ts'
import { environmentOf, labelsOf } from './pairs.ts'
import { type PlacedPort, portsOf } from './ports.ts'
import { durationMs } from './quantity.ts'
import { extraHostsOf, limitsOf, loggingOf, restartOf, wordsOf } from './runtime.ts'
import { updateOf } from './update.ts'

/** Docker's own default. */
const STOP_GRACE = '10s'

/** A service of the model, with the places of its ports for the rules that come after. */
export interface MadeService {
  service: Service
  ports: PlacedPort[]
  context: ServiceContext
}

/** Turns one service of the file into the model's; what does not fit is reported. */
export function makeService(kind: Service['kind'], context: ServiceContext): MadeService {
  const { file } = context
  const [ports, mounts, health] = [portsOf(context), mountsOf(context), healthOf(context)]
  const service: Service = {
    name: context.service,
    image: file.image,
    pull: file.pull_policy === 'if_not_present' ? 'missing' : (file.pull_policy ?? 'missing'),
    kind,
    replicas: file.deploy?.replicas ?? 1,
    container: containerOf({ mounts, health }, context),
    publish: ports.map(withoutPath),
    dependsOn: dependsOn(context),
    update: updateOf({ ports, mounts, health }, context),
    restart: restartOf(kind, context),
  }
  return { service, ports, context }
}

function containerOf(
  made: { mounts: Mount[]; health: ContainerSpec['healthcheck'] | undefined },
  context: ServiceContext,
): ContainerSpec {
  const { file } = context
  return present<ContainerSpec>({
    entrypoint: wordsOf('entrypoint', context),
    command: wordsOf('command', context),
    environment: environmentOf(context),
    user: file.user === undefined ? undefined : String(file.user),
    workingDir: file.working_dir,
    hostname: file.hostname,
    labels: labelsOf(context),
    healthcheck: made.health,
    mounts: made.mounts,
    networks: networksOf(context),
    stopSignal: file.stop_signal,
    stopGraceMs: durationMs(file.stop_grace_period ?? STOP_GRACE),
    init: file.init,
    readOnly: file.read_only,
    capDrop: file.cap_drop,
    extraHosts: extraHostsOf(context),
    logging: loggingOf(context),
    ...limitsOf(context),
  })
}

function withoutPath({ address, published, target, protocol }: PlacedPort): PublishedPort {
  return { address, published, target, protocol }
}
