import { durationText } from '../normalise/quantity.ts'
import type { MadeService } from '../normalise/service.ts'
import { obstacleToOverlap, speakingMs } from '../normalise/update.ts'

/** Rules about one service by itself. */
export function checkService(made: MadeService): void {
  checkReplicas(made)
  checkMonitor(made)
  checkOrder(made)
  warnOfTag(made)
  warnOfHealth(made)
  warnOfDeployLabels(made)
}

function checkReplicas({ service, ports, context }: MadeService): void {
  const { manifest, report, path } = context
  const replicas = manifest.at([...path, 'deploy', 'replicas'])
  const [port] = ports
  if (service.kind === 'job') {
    const hint = 'Remove `replicas`: a job runs once for each release that changes it.'
    if (service.replicas !== 1)
      report.error(replicas, 'job-replicas', `The job \`${service.name}\` has ${service.replicas} replicas`, hint)
    if (port !== undefined) {
      const message = `The job \`${service.name}\` publishes a port`
      report.error(manifest.at(port.path), 'job-ports', message, 'Remove the port, or make it a service.')
    }
  } else if (port !== undefined && service.replicas > 1) {
    const message = `\`${service.name}\` publishes port ${port.published} but has ${service.replicas} replicas; only one can hold it`
    const hint = 'Use one replica, or drop the port and put a one-replica proxy in front.'
    report.error(manifest.at(port.path), 'port-needs-one-replica', message, hint)
  }
}

function checkMonitor({ service, context }: MadeService): void {
  const { manifest, report, path, file } = context
  const needed = speakingMs(service.container.healthcheck)
  if (file.deploy?.update_config?.monitor === undefined || service.update.monitorMs >= needed) return
  const place = manifest.at([...path, 'deploy', 'update_config', 'monitor'])
  const message = `\`monitor\` is shorter than the health check needs to speak (interval x retries = ${durationText(needed)})`
  const hint = `Set monitor to ${durationText(needed)} or more, or shorten the interval of the health check.`
  report.error(place, 'monitor-too-short', message, hint)
}

function checkOrder({ service, ports, context }: MadeService): void {
  if (context.file.deploy?.update_config?.order !== 'start-first') return
  const because = obstacleToOverlap({ ports, mounts: service.container.mounts }, context)
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
  const message = `\`${service.name}\` has no health check; unless its image has one, running counts as healthy`
  const hint = 'Add a healthcheck that asks the service for an answer.'
  context.report.warning(context.manifest.keyAt(context.path), 'no-healthcheck', message, hint)
}

function warnOfDeployLabels({ context }: MadeService): void {
  if (context.file.deploy?.labels === undefined) return
  const place = context.manifest.keyAt([...context.path, 'deploy', 'labels'])
  const message = '`deploy.labels` label a Swarm service and have no effect on a plain Docker host'
  context.report.warning(place, 'no-effect', message, 'Use the labels of the service to label its containers.')
}
