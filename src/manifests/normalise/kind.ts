import type { Service } from '../../model/stack.ts'
import type { Path } from '../path.ts'
import type { ServiceContext } from './context.ts'

/** What sets a job apart: when it runs, and before or after what. */
export function jobOf(kind: Service['kind'], context: ServiceContext): Pick<Service, 'hook' | 'always'> {
  const { hook, run } = context.file['x-holdfast'] ?? {}
  if (kind !== 'job') return refuseRun(context)
  const always = run === undefined ? hook !== undefined : run === 'always'
  return { ...(hook === undefined ? {} : { hook }), ...(always ? { always } : {}) }
}

/** As Compose has it: `scale` and deploy.replicas mean the same; a global service is one replica on each host, here one. */
export function replicasOf(context: ServiceContext): number {
  const { file, manifest, report, path } = context
  const replicas = file.deploy?.replicas
  if (file.scale !== undefined && replicas !== undefined && file.scale !== replicas) {
    const message = '`scale` and `deploy.replicas` say different things'
    report.error(manifest.keyAt([...path, 'scale']), 'conflicting-keys', message, 'Remove `scale`.')
  }
  const wanted = file.scale ?? replicas ?? 1
  if (file.deploy?.mode === 'global' && wanted !== 1) {
    const place = manifest.at(replicasPath(context))
    const hint = 'Use `mode: replicated` for several replicas on this host.'
    report.error(place, 'conflicting-keys', '`mode: global` is one replica on each host', hint)
  }
  return wanted
}

/** Where the file says how many replicas there are. */
export function replicasPath({ file, path }: ServiceContext): Path {
  return [...path, ...(file.scale === undefined ? ['deploy', 'replicas'] : ['scale'])]
}

function refuseRun({ file, manifest, report, path, service }: ServiceContext): Record<never, never> {
  if (file['x-holdfast']?.run === undefined) return {}
  const hint = 'Remove it, or make it a job: `deploy: {mode: replicated-job}` or `x-holdfast: {hook: pre-deploy}`.'
  const place = manifest.keyAt([...path, 'x-holdfast', 'run'])
  report.error(place, 'conflicting-keys', `\`run\` is for jobs, and \`${service}\` is a service`, hint)
  return {}
}
