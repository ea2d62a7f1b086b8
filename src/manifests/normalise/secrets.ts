import { keyedHash } from '../../model/keys.ts'
import type { FileSet, SecretName, SecretOwner } from '../../model/stack.ts'
import { UNOPENED } from '../interpolate.ts'
import { pointer } from '../path.ts'
import { baseName } from '../repository.ts'
import type { SecretMount } from '../schema.generated.ts'
import { namingKey, type ServiceContext } from './context.ts'
import { base64, bytesAt, type FileReference, pathOfFile } from './file-sets.ts'

type Given = Exclude<SecretMount, string>

/** Files of a secret or a config as a service mounts them. */
type Mounted = FileReference & { secret?: SecretName }

/** Of secrets and of configs, where the manifest says whose they are but not more. */
const SECRET_MODE = 0o400
const CONFIG_MODE = 0o444

/** A secret as the service mounts it; null when it cannot be (reported) or its file is not read yet. */
export function secretFiles(given: Given, context: ServiceContext): Mounted | null {
  const contents = contentsOf(given.source, context)
  return contents === null ? null : secretSet(given, contents, SECRET_MODE, context)
}

/** A config likewise; one that was encrypted, or is made of secrets, is kept like a secret. */
export function configFiles(given: Given, context: ServiceContext): Mounted | null {
  const { source: name } = given
  const config = context.data.configs?.[name]
  if (typeof config?.content === 'string') {
    const isSecret = context.secret.has(pointer(['configs', name, 'content']))
    return configSet(given, { [name]: textBytes(config.content) }, isSecret, context)
  }
  if (typeof config?.file !== 'string') return null
  const path = ['configs', name, 'file']
  const found = pathOfFile(config.file, path, context)
  const content =
    found === null ? null : context.repository.secretContent(found, context.manifest.at(path), context.report)
  if (found === null || content === null) return null
  return configSet(given, { [baseName(found)]: content.bytes }, content.state !== 'plain', context)
}

type Contents = Record<string, Uint8Array>

function configSet(given: Given, contents: Contents, isSecret: boolean, context: ServiceContext): Mounted {
  if (isSecret) return secretSet(given, contents, CONFIG_MODE, context)
  const isOwned = given.uid !== undefined || given.gid !== undefined || given.mode !== undefined
  return bytesAt(contents, context, isOwned ? ownerOf(given, CONFIG_MODE, context) : undefined)
}

function secretSet(given: Given, contents: Contents, mode: number, context: ServiceContext): Mounted {
  const { key, id } = namingKey(context)
  const encoded = Object.entries(contents).map(([name, bytes]) => [name, base64(bytes)])
  const set: FileSet = { contents: Object.fromEntries(encoded), secret: ownerOf(given, mode, context) }
  // Keyed: neither the name nor a label may let anybody test guesses of what is in it.
  const volume = `${context.stack}_secret-${keyedHash(key, set)}`
  context.files.set(volume, set)
  return { volume, path: Object.keys(contents)[0] ?? '', secret: { name: given.source, key: id } }
}

function contentsOf(name: string, context: ServiceContext): Contents | null {
  const secret = context.data.secrets?.[name]
  if (typeof secret?.environment === 'string') return fromVariable(name, secret.environment, context)
  if (typeof secret?.file !== 'string') return null
  const path = ['secrets', name, 'file']
  const found = pathOfFile(secret.file, path, context)
  const content =
    found === null ? null : context.repository.secretContent(found, context.manifest.at(path), context.report)
  return content === null ? null : { [baseName(secret.file)]: content.bytes }
}

function fromVariable(name: string, variable: string, context: ServiceContext): Contents | null {
  const value = context.variables.get(variable) ?? (context.variables.isOpen ? UNOPENED : undefined)
  if (value !== undefined) return { [name]: textBytes(value) }
  const place = context.manifest.at(['secrets', name, 'environment'])
  const hint = "Set it in the stack's .env or under x-holdfast.env."
  context.report.error(place, 'variable-missing', `The variable \`${variable}\` has no value`, hint)
  return null
}

function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** The container's user, as far as the long form does not say otherwise. */
function ownerOf({ uid, gid, mode }: Given, otherwise: number, { file }: ServiceContext): SecretOwner {
  const [user = '', group = ''] = String(file.user ?? '').split(':')
  const both = [uid ?? user, gid ?? group].join(':').replace(/:$/, '')
  const owner = { user: both, mode: mode === undefined ? otherwise : Number.parseInt(mode, 8) }
  return /^[0-9]+(:[0-9]+)?$/.test(both) ? owner : { ...owner, image: file.image }
}
