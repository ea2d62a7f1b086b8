import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { stringify } from 'yaml'
import { ageEncrypt } from './age.ts'

/**
 * Encrypts as SOPS does, after its documentation and what its own files show; the key of the values is encrypted by
 * Debian's `age`. It shares nothing with what reads such files in `src/sops`.
 */

/** Bytes stand for a file that is encrypted as a whole. */
export type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain }

export type SopsFormat = 'yaml' | 'json' | 'dotenv' | 'binary'

export interface SopsOptions {
  /** `age1…` */
  recipients: string[]
  /** As the file says them: `encrypted_regex` and so on. */
  rules?: Record<string, string>
  macOnlyEncrypted?: boolean
  /** Which values are encrypted, by the keys above them; all when absent. */
  encrypts?: (path: string[]) => boolean
  /** More of what SOPS adds, say keys of others. */
  more?: Record<string, unknown>
  /** Of the values; a new one when absent. */
  key?: Buffer
  changed?: string
}

interface Sealing {
  key: Buffer
  covered: string[]
  options: SopsOptions
  float: 'int' | 'float'
}

export async function sopsEncrypt(format: SopsFormat, data: Plain, options: SopsOptions): Promise<string> {
  const key = options.key ?? randomBytes(32)
  // JSON knows no whole numbers.
  const sealing: Sealing = { key, covered: [], options, float: format === 'json' ? 'float' : 'int' }
  const sealed = sealTree(format === 'binary' ? { data } : data, [], sealing)
  const own = await ownOf(sealing)
  if (format === 'yaml') return stringify({ ...(sealed as object), sops: own }, { lineWidth: 0 })
  if (format !== 'dotenv') return `${JSON.stringify({ ...(sealed as object), sops: own }, null, '\t')}\n`
  const lines = Object.entries(sealed as object).map(([name, value]) => `${name}=${oneLine(value)}\n`)
  return [...lines, ...flat('sops', own).sort()].join('')
}

/** One value, as SOPS encrypts it. */
export function seal(value: string, type: string, boundTo: string, key: Buffer): string {
  if (value === '') return ''
  const iv = randomBytes(32)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(boundTo))
  const data = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]).toString('base64')
  const tag = cipher.getAuthTag().toString('base64')
  return `ENC[AES256_GCM,data:${data},iv:${iv.toString('base64')},tag:${tag},type:${type}]`
}

function sealTree(node: Plain, path: string[], sealing: Sealing): Plain {
  if (node === null) return null
  if (Array.isArray(node)) return node.map((item) => sealTree(item, path, sealing))
  if (typeof node === 'object') {
    return Object.fromEntries(
      Object.entries(node).map(([key, member]) => [key, sealTree(member, [...path, key], sealing)]),
    )
  }
  const { options, covered, key } = sealing
  const isEncrypted = options.encrypts?.(path) ?? true
  const text = typeof node === 'boolean' ? (node ? 'True' : 'False') : String(node)
  if (isEncrypted || !options.macOnlyEncrypted) covered.push(text)
  return isEncrypted ? seal(text, typeOf(node, sealing), `${path.join(':')}:`, key) : node
}

function typeOf(value: Plain, { float }: Sealing): string {
  if (typeof value === 'boolean') return 'bool'
  if (typeof value !== 'number') return 'str'
  return Number.isInteger(value) ? float : 'float'
}

async function ownOf({ key, covered, options }: Sealing): Promise<Record<string, unknown>> {
  const changed = options.changed ?? '2024-05-06T07:08:09Z'
  const hash = createHash('sha512')
  if (options.macOnlyEncrypted) hash.update(createHash('sha256').update('sops').digest())
  for (const text of covered) hash.update(text)
  const mac = hash.digest('hex').toUpperCase()
  const age = options.recipients.map(async (recipient) => ({
    recipient,
    enc: (await ageEncrypt(key, [recipient], ['-a'])).toString(),
  }))
  return {
    kms: [],
    pgp: [],
    age: await Promise.all(age),
    lastmodified: changed,
    mac: seal(mac, 'str', changed, key),
    ...(options.rules ?? { unencrypted_suffix: '_unencrypted' }),
    ...(options.macOnlyEncrypted ? { mac_only_encrypted: true } : {}),
    version: '3.9.4',
    ...options.more,
  }
}

/** As in a file of lines: what lies deeper has its way in its name. */
function flat(name: string, node: unknown, separator = '_'): string[] {
  if (Array.isArray(node)) return node.flatMap((item, at) => flat(`${name}__list_${at}`, item, '__map_'))
  if (node === null || typeof node !== 'object') return [`${name}=${oneLine(node)}\n`]
  return Object.entries(node).flatMap(([key, member]) => flat(`${name}${separator}${key}`, member, '__map_'))
}

function oneLine(value: unknown): string {
  return String(value).replaceAll('\n', '\\n')
}
