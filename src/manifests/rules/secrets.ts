import type { StackContext } from '../normalise/context.ts'
import { resolvePath } from '../repository.ts'
import type { SecretFile } from '../schema.generated.ts'
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
    } else if (isPlain(secret, context)) {
      judgePlainSecret(`The secret \`${name}\``, place, context)
    }
  }
}

/** It stands in git as it is, as far as can be told. */
function isPlain({ file, environment }: SecretFile, context: StackContext): boolean {
  const { variables, repository } = context
  if (environment !== undefined)
    return variables.secret?.has(environment) !== true && !isUnknown(environment, variables)
  const found = file === undefined ? null : resolvePath(context.folder, file)
  return found === null || !repository.isEncrypted(found)
}

/** It may stand in an encrypted file that was not opened. */
function isUnknown(name: string, variables: StackContext['variables']): boolean {
  return variables.isOpen === true && !variables.has(name)
}
