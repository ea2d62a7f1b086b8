import type { StackContext } from '../normalise/context.ts'
import { hasErrors, type Report } from '../report.ts'
import type { RouteFile } from '../schema.generated.ts'
import { checkSecrets } from './secrets.ts'

/** Rules about the top level of a stack's file. */
export function checkStack(context: StackContext): void {
  const { data, manifest, report } = context
  if (data.version !== undefined) {
    const place = manifest.keyAt(['version'])
    report.warning(place, 'no-effect', '`version` is obsolete and has no effect', 'Remove the line.')
  }
  checkName(context)
  checkConfigs(context)
  checkSecrets(context)
  if (!hasErrors(report.problems())) warnOfUnused(context)
}

function checkName({ stack, data, manifest, report }: StackContext): void {
  if (data.name === undefined || data.name === stack) return
  const hint = `Remove \`name\`, write \`name: ${stack}\`, or rename the folder (or the entry in holdfast.yaml).`
  const message = `The file calls itself differently from its place in the repository, which says \`${stack}\``
  report.error(manifest.at(['name']), 'stack-name-mismatch', message, hint)
}

function checkConfigs({ data, manifest, report }: StackContext): void {
  for (const [name, config] of Object.entries(data.configs ?? {})) {
    if (config === null) continue
    const place = manifest.keyAt(['configs', name])
    const both = config?.file !== undefined && config.content !== undefined
    if (both)
      report.error(place, 'conflicting-keys', `The config \`${name}\` has both \`file\` and \`content\``, 'Keep one.')
    if (config?.file === undefined && config?.content === undefined) {
      const hint = 'Write `file: ./path` or `content: text`.'
      report.error(place, 'missing-key', `The config \`${name}\` has neither \`file\` nor \`content\``, hint)
    }
  }
}

/** Compose does not create what no service uses; neither does Holdfast, and says so. */
function warnOfUnused(context: StackContext): void {
  const { data, report } = context
  const services = Object.values(data.services)
  const ofRoutes = services.flatMap((service) => (service['x-holdfast']?.routes ?? []).flatMap(certificatesOf))
  const usedConfigs = new Set([...services.flatMap(({ configs }) => namesOf(configs)), ...ofRoutes])
  const usedSecrets = new Set([...services.flatMap(({ secrets }) => namesOf(secrets)), ...ofRoutes])
  warnUnused('networks', Object.keys(data.networks ?? {}), context.usedNetworks, context, report)
  warnUnused('volumes', Object.keys(data.volumes ?? {}), context.usedVolumes, context, report)
  warnUnused('configs', Object.keys(data.configs ?? {}), usedConfigs, context, report)
  warnUnused('secrets', Object.keys(data.secrets ?? {}), usedSecrets, context, report)
}

function namesOf(mounted: (string | { source: string })[] = []): string[] {
  return mounted.map((entry) => (typeof entry === 'string' ? entry : entry.source))
}

function certificatesOf({ tls }: RouteFile): string[] {
  if (tls === undefined || typeof tls === 'string') return tls === undefined ? [] : [tls]
  return [tls.certificate, ...(tls.key === undefined ? [] : [tls.key])]
}

function warnUnused(
  section: string,
  keys: string[],
  used: ReadonlySet<string>,
  { manifest }: StackContext,
  report: Report,
): void {
  for (const key of keys.filter((candidate) => !used.has(candidate))) {
    const message = `\`${key}\` under ${section} is used by no service and has no effect`
    report.warning(manifest.keyAt([section, key]), 'no-effect', message, 'Use it or remove it.')
  }
}
