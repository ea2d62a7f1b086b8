import { keyedHash } from '../../model/keys.ts'
import type { FileSet, SecretName, SecretOwner } from '../../model/stack.ts'
import { UNOPENED } from '../interpolate.ts'
import { type Path, pointer } from '../path.ts'
import { baseName, type Content } from '../repository.ts'
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
  const content = secretContent(given.source, context)
  return content === null ? null : secretSet(given, { [content.name]: content.bytes }, SECRET_MODE, context)
}

/** A config likewise; one that was encrypted, or is made of secrets, is kept like a secret. */
export function configFiles(given: Given, context: ServiceContext): Mounted | null {
  const content = configContent(given.source, context)
  if (content === null) return null
  return configSet(given, { [content.name]: content.bytes }, content.state !== 'plain', context)
}

/** What is mounted, under the name that its file has there. */
interface Named extends Content {
  name: string
}

/** What a config holds; null when it has nothing (reported), or its file is not read yet. */
export function configContent(name: string, context: ServiceContext): Named | null {
  const config = context.data.configs?.[name]
  if (typeof config?.content === 'string') {
    const isSecret = context.secret.has(pointer(['configs', name, 'content']))
    return { name, bytes: textBytes(config.content), state: isSecret ? 'opened' : 'plain' }
  }
  return typeof config?.file === 'string' ? fromFile(config.file, ['configs', name, 'file'], context) : null
}

/** What a secret holds, likewise. */
export function secretContent(name: string, context: ServiceContext): Named | null {
  const secret = context.data.secrets?.[name]
  if (typeof secret?.environment === 'string') return fromVariable(name, secret.environment, context)
  return typeof secret?.file === 'string' ? fromFile(secret.file, ['secrets', name, 'file'], context) : null
}

function fromFile(file: string, path: Path, context: ServiceContext): Named | null {
  const found = pathOfFile(file, path, context)
  if (found === null) return null
  const content = context.repository.secretContent(found, context.manifest.at(path), context.report)
  return content === null ? null : { ...content, name: baseName(file) }
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

function fromVariable(name: string, variable: string, context: ServiceContext): Named | null {
  const { variables } = context
  const value = variables.get(variable) ?? (variables.isOpen ? UNOPENED : undefined)
  if (value !== undefined) return { name, bytes: textBytes(value), state: value === UNOPENED ? 'unopened' : 'opened' }
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
