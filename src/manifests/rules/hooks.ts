import type { StackContext } from '../normalise/context.ts'
import type { PlacedDependency } from '../normalise/dependencies.ts'

/** Pre-deploy hooks run before all services, post-deploy hooks after them: a dependency must not ask for another order. */
export function checkHooks(
  service: string,
  { on, path }: PlacedDependency,
  { data, manifest, report }: Pick<StackContext, 'data' | 'manifest' | 'report'>,
): void {
  const place = manifest.keyAt(path)
  const [own, other] = [service, on].map((name) => data.services[name]?.['x-holdfast']?.hook)
  if (other === 'post-deploy') {
    const message = `\`${on}\` is a post-deploy hook: it runs after all services, and nothing can wait for it`
    report.error(place, 'dependency-impossible', message, 'Remove this dependency, or the hook.')
  } else if (own === 'pre-deploy' && other !== 'pre-deploy') {
    const message = `\`${service}\` is a pre-deploy hook: it runs before all services, and so before \`${on}\``
    const hint = `Make it a job in the order of depends_on: remove the hook and let others await it with service_completed_successfully.`
    report.error(place, 'dependency-impossible', message, hint)
  }
}
