import type { ServiceContext } from '../normalise/context.ts'
import { replicasPath } from '../normalise/kind.ts'
import { isReachable } from '../normalise/networks.ts'
import type { PlacedPort } from '../normalise/ports.ts'
import { durationText } from '../normalise/quantity.ts'
import type { MadeService } from '../normalise/service.ts'
import { speakingMs } from '../normalise/update.ts'
import { checkAddresses } from './address.ts'
import { checkServiceRoutes } from './routes.ts'

const UNREACHED = "let it join a network of the stack's own too, where the gateway reaches it"

/** Rules about one service by itself. `awaited`: another service depends on it. */
export function checkService(made: MadeService, awaited: boolean): void {
  checkReplicas(made)
  checkName(made)
  checkAddresses(made.service.replicas, made.context)
  checkProbe(made)
  checkMonitor(made)
  checkOrder(made)
  checkServiceRoutes(made)
  warnOfTag(made)
  warnOfHealth(made)
  warnOfDeployLabels(made)
  if (!awaited) warnOfJob(made)
}

function checkReplicas({ service, ports, context }: MadeService): void {
  const { manifest, report } = context
  const replicas = manifest.at(replicasPath(context))
  const [port] = ports
  if (service.kind === 'job') {
    const hint = 'Remove it: a job runs once for each release that changes it.'
    if (service.replicas !== 1)
      report.error(replicas, 'job-replicas', `The job \`${service.name}\` has ${service.replicas} replicas`, hint)
    if (port !== undefined) {
      const message = `The job \`${service.name}\` publishes a port`
      report.error(manifest.at(port.path), 'job-ports', message, 'Remove the port, or make it a service.')
    }
  } else if (service.replicas > 1) {
    refuseHeldPort(service.replicas, { ports, context })
  }
}

/** A port that the container publishes itself: one of UDP, and any where no gateway reaches it. */
function heldPort({ ports, context }: Pick<MadeService, 'ports' | 'context'>): PlacedPort | undefined {
  const isIngress = context.target.traffic !== 'off' && isReachable(context)
  return ports.find(({ protocol }) => protocol === 'udp' || !isIngress)
}

function refuseHeldPort(replicas: number, made: Pick<MadeService, 'ports' | 'context'>): void {
  const port = heldPort(made)
  if (port === undefined) return
  const { service, manifest, report } = made.context
  const isUdp = port.protocol === 'udp'
  const what = `${isUdp ? 'the UDP port' : 'port'} ${port.published}`
  const message = `\`${service}\` publishes ${what} but has ${replicas} replicas; only one can hold it`
  report.error(
    manifest.at(port.path),
    'port-needs-one-replica',
    message,
    `Use one replica, or ${insteadOfHolding(isUdp, made.context)}.`,
  )
}

function insteadOfHolding(isUdp: boolean, { target }: ServiceContext): string {
  if (isUdp) return 'drop the port and put a one-replica proxy in front'
  return target.traffic === 'off' ? 'set `traffic: on` in the settings' : UNREACHED
}

function checkName({ service, context }: MadeService): void {
  if (service.containerName === undefined || service.replicas <= 1) return
  const place = context.manifest.at([...context.path, 'container_name'])
  const message = `\`${service.name}\` has a \`container_name\` but ${service.replicas} replicas; only one can bear it`
  const hint = 'Use one replica, or remove `container_name`: other services reach this one by its service name.'
  context.report.error(place, 'container-name-replicas', message, hint)
}

function checkProbe({ service, context }: MadeService): void {
  if (service.kind !== 'job' || service.probe === undefined) return
  const place = context.manifest.keyAt([...context.path, 'x-holdfast', 'probe'])
  const message = `The job \`${service.name}\` has a probe; what counts of a job is its exit code`
  context.report.error(place, 'job-probe', message, 'Remove the probe, or make it a service.')
}

function checkMonitor({ service, context }: MadeService): void {
  const { manifest, report, path, file } = context
  const needed = speakingMs(service.probe ?? service.container.healthcheck)
  if (file.deploy?.update_config?.monitor === undefined || service.update.monitorMs >= needed) return
  const place = manifest.at([...path, 'deploy', 'update_config', 'monitor'])
  const message = `\`monitor\` is shorter than the ${service.probe ? 'probe' : 'health check'} needs to speak (interval x retries = ${durationText(needed)})`
  const hint = `Set monitor to ${durationText(needed)} or more, or shorten the interval of the ${service.probe ? 'probe' : 'health check'}.`
  report.error(place, 'monitor-too-short', message, hint)
}

function checkOrder(made: MadeService): void {
  const { service, context } = made
  if (context.file.deploy?.update_config?.order !== 'start-first') return
  const held = heldPort(made)
  const because = made.obstacle ?? (held && `publishes port ${held.published} on the host`)
  if (because === undefined) return
  const place = context.manifest.at([...context.path, 'deploy', 'update_config', 'order'])
  const message = `\`start-first\` cannot work: \`${service.name}\` ${because}, so old and new cannot run side by side`
  const hint = 'Remove `order`: stop-first is the default here.'
  context.report.error(place, 'start-first-impossible', message, hint)
}

function warnOfTag({ service, context }: MadeService): void {
  const name = service.image.slice(service.image.lastIndexOf('/') + 1)
  if (name.includes('@') || (name.includes(':') && !name.endsWith(':latest'))) return
  const place = context.manifest.at([...context.path, 'image'])
  const hint = 'Name a version, or a digest: what git shows is then what runs.'
  context.report.warning(place, 'floating-tag', `The image of \`${service.name}\` has no fixed version`, hint)
}

function warnOfHealth({ service, context }: MadeService): void {
  if (service.kind === 'job' || context.file.healthcheck !== undefined) return
  if (context.file['x-holdfast']?.probe !== undefined) return
  const message = `\`${service.name}\` has no health check; unless its image has one, running counts as healthy`
  const hint =
    'Add a healthcheck that asks the service for an answer, or x-holdfast.probe for an image without a shell.'
  context.report.warning(context.manifest.keyAt(context.path), 'no-healthcheck', message, hint)
}

/** People write so what should run once; then its end would be taken for a failure. */
function warnOfJob({ service, ports, routes, context }: MadeService): void {
  const { file, manifest, report, path } = context
  if (service.kind === 'job' || service.restart !== 'no' || ports.length + routes.length > 0) return
  const key = file.deploy?.restart_policy === undefined ? ['restart'] : ['deploy', 'restart_policy']
  const message = `\`${service.name}\` is a service: when it ends, also with code 0, it has failed`
  const hint = 'If it is meant to end, make it a job: `deploy: {mode: replicated-job}`.'
  report.warning(manifest.keyAt([...path, ...key]), 'maybe-a-job', message, hint)
}

function warnOfDeployLabels({ context }: MadeService): void {
  if (context.file.deploy?.labels === undefined) return
  const place = context.manifest.keyAt([...context.path, 'deploy', 'labels'])
  const message = '`deploy.labels` label a Swarm service and have no effect on a plain Docker host'
  context.report.warning(place, 'no-effect', message, 'Use the labels of the service to label its containers.')
}
