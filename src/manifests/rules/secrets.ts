import type { StackContext } from '../normalise/context.ts'

/** Rules about the secrets at the top level. */
export function checkSecrets({ data, manifest, report }: StackContext): void {
  for (const [name, secret] of Object.entries(data.secrets ?? {})) {
    if (secret === null) continue
    const place = manifest.keyAt(['secrets', name])
    if (secret.file !== undefined && secret.environment !== undefined) {
      const message = `The secret \`${name}\` has both \`file\` and \`environment\``
      report.error(place, 'conflicting-keys', message, 'Keep one.')
    } else if (secret.file === undefined && secret.environment === undefined) {
      const hint = 'Write `file: ./path` or `environment: VARIABLE`.'
      report.error(place, 'missing-key', `The secret \`${name}\` has neither \`file\` nor \`environment\``, hint)
    } else {
      const message = `The secret \`${name}\` lies readable in the repository`
      const hint = 'Whoever can read the repository can read it: keep the repository private.'
      report.warning(place, 'secret-in-plain-text', message, hint)
    }
  }
}
