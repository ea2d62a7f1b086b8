import { keyedHash } from '../../model/keys.ts'
import type { FileSet, SecretName, SecretOwner } from '../../model/stack.ts'
import { baseName } from '../repository.ts'
import type { SecretMount } from '../schema.generated.ts'
import type { ServiceContext } from './context.ts'
import { base64, type FileReference, pathOfFile } from './file-sets.ts'

type Given = Exclude<SecretMount, string>

/** Of secrets and of configs, where the manifest says whose they are but not more. */
const SECRET_MODE = 0o400
const CONFIG_MODE = 0o444

/** A secret as the service mounts it; null when it cannot be (reported) or its file is not read yet. */
export function secretFiles(given: Given, context: ServiceContext): (FileReference & { secret: SecretName }) | null {
  const contents = contentsOf(given.source, context)
  if (contents === null) return null
  const { key, id } = keyOf(context)
  const set: FileSet = { contents, secret: ownerOf(given, SECRET_MODE, context) }
  // Keyed: neither the name nor a label may let anybody test guesses of what is in it.
  const volume = `${context.stack}_secret-${keyedHash(key, set)}`
  context.files.set(volume, set)
  return { volume, path: Object.keys(contents)[0] ?? '', secret: { name: given.source, key: id } }
}

/** Whose the file of a config is, where the manifest says so. */
export function ownerGiven(given: Given, context: ServiceContext): SecretOwner | undefined {
  const isGiven = given.uid !== undefined || given.gid !== undefined || given.mode !== undefined
  return isGiven ? ownerOf(given, CONFIG_MODE, context) : undefined
}

function contentsOf(name: string, context: ServiceContext): FileSet['contents'] | null {
  const secret = context.data.secrets?.[name]
  if (typeof secret?.environment === 'string') return fromVariable(name, secret.environment, context)
  if (typeof secret?.file !== 'string') return null
  const path = ['secrets', name, 'file']
  const found = pathOfFile(secret.file, path, context)
  const bytes = found === null ? null : context.repository.content(found, context.manifest.at(path), context.report)
  return bytes === null ? null : { [baseName(secret.file)]: base64(bytes) }
}

function fromVariable(name: string, variable: string, context: ServiceContext): FileSet['contents'] | null {
  const value = context.variables.get(variable)
  if (value !== undefined) return { [name]: base64(new TextEncoder().encode(value)) }
  const place = context.manifest.at(['secrets', name, 'environment'])
  const hint = "Set it in the stack's .env or under x-holdfast.env."
  context.report.error(place, 'variable-missing', `The variable \`${variable}\` has no value`, hint)
  return null
}

/** The container's user, as far as the long form does not say otherwise. */
function ownerOf({ uid, gid, mode }: Given, otherwise: number, { file }: ServiceContext): SecretOwner {
  const [user = '', group = ''] = String(file.user ?? '').split(':')
  const both = [uid ?? user, gid ?? group].join(':').replace(/:$/, '')
  const owner = { user: both, mode: mode === undefined ? otherwise : Number.parseInt(mode, 8) }
  return /^[0-9]+(:[0-9]+)?$/.test(both) ? owner : { ...owner, image: file.image }
}

function keyOf({ options }: ServiceContext): { key: string; id: string } {
  if (options.secrets) return options.secrets
  throw new Error('a manifest with secrets was read without the key for their names; this is a bug in Holdfast')
}
