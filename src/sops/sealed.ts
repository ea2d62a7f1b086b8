import { createDecipheriv } from 'node:crypto'
import { Refusal } from './refusal.ts'
import type { Value } from './tree.ts'

/** An encrypted value, as it is written: `ENC[AES256_GCM,data:…,iv:…,tag:…,type:str]`. */
interface Sealed {
  data: Buffer
  iv: Buffer
  tag: Buffer
  type: string
}

const BASE64 = '[A-Za-z0-9+/]*={0,2}'
const FORM = new RegExp(`^ENC\\[AES256_GCM,data:(${BASE64}),iv:(${BASE64}),tag:(${BASE64}),type:([a-z0-9]+)\\]$`)
const TAG_BYTES = 16
const YES = ['1', 't', 'T', 'TRUE', 'true', 'True']
const NO = ['0', 'f', 'F', 'FALSE', 'false', 'False']

export function isSealed(text: string): boolean {
  return text.startsWith('ENC[')
}

/** The value that stands at `path`, to which it is bound. Throws a Refusal when it was changed, or moved here. */
export function unseal(text: string, key: Uint8Array, path: readonly string[]): Value {
  return unsealAs(text, key, `${path.join(':')}:`, `the value of \`${path.join('.')}\``)
}

/** As `unseal`, for what is bound to something else than a path; `what` names it in an error. */
export function unsealAs(text: string, key: Uint8Array, boundTo: string, what: string): Value {
  const sealed = parse(text)
  const bytes = sealed && decipher(sealed, key, boundTo)
  if (bytes === null) {
    const reason = `${what} is not what SOPS encrypted: it was changed, moved or cut off`
    throw new Refusal(`${reason}. Restore the file from git, and change it with: sops edit`)
  }
  const value = typed(sealed?.type ?? '', bytes)
  if (value === undefined) throw new Refusal(`${what} is of a type that is not supported`)
  return value
}

function parse(text: string): Sealed | null {
  const parts = FORM.exec(text)
  if (parts === null) return null
  const [data, iv, tag] = parts.slice(1, 4).map((part) => Buffer.from(part, 'base64'))
  return data && iv && tag && iv.length > 0 && tag.length === TAG_BYTES ? { data, iv, tag, type: parts[4] ?? '' } : null
}

function decipher({ data, iv, tag }: Sealed, key: Uint8Array, boundTo: string): Buffer | null {
  try {
    const cipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
    cipher.setAAD(Buffer.from(boundTo)).setAuthTag(tag)
    return Buffer.concat([cipher.update(data), cipher.final()])
  } catch {
    return null
  }
}

/** Undefined for a type that is not known, and for bytes that are not of their type. */
function typed(type: string, bytes: Buffer): Value | undefined {
  const text = bytes.toString('latin1')
  switch (type) {
    case 'str':
    case 'bytes':
      return textOf(bytes)
    case 'time':
      return text
    case 'int':
    case 'int64':
      return /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : undefined
    case 'float':
      return floatOf(text)
    case 'bool':
      return YES.includes(text) ? true : NO.includes(text) ? false : undefined
    default:
      return undefined
  }
}

/** Bytes where they are no text. */
function textOf(bytes: Buffer): string | Uint8Array {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return new Uint8Array(bytes)
  }
}

function floatOf(text: string): number | undefined {
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text)
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (/^nan$/i.test(text)) return Number.NaN
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined
}
