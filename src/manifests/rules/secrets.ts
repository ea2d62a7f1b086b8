import type { StackContext } from '../normalise/context.ts'
import { judgePlainSecret } from './policy-secrets.ts'

/** Rules about the secrets at the top level. */
export function checkSecrets(context: StackContext): void {
  const { data, manifest, report } = context
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
      judgePlainSecret(name, place, context)
    }
  }
}
