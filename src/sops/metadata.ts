import { Refusal } from './refusal.ts'
import { type Branch, isScalar, type Written } from './tree.ts'

/** What SOPS keeps in a file about the file itself. */
export interface Metadata {
  /** The key of the values, encrypted for each of them. */
  age: { recipient: string; encrypted: string }[]
  /** Others it is encrypted for, in words: `PGP 1022470D…`. */
  others: string[]
  /** What the MAC is bound to: when the file was changed, RFC 3339. */
  changed: string
  /** Encrypted like a value. */
  mac: string
  /** The MAC leaves out values that are not encrypted. */
  macOnlyEncrypted: boolean
  rules: Rules
}

/** Which values are encrypted; at most one of them is given. */
export interface Rules {
  unencryptedSuffix?: string
  encryptedSuffix?: string
  unencryptedRegex?: string
  encryptedRegex?: string
  /** Comments decide. */
  byComment?: true
}

const RULES = {
  unencrypted_suffix: 'unencryptedSuffix',
  encrypted_suffix: 'encryptedSuffix',
  unencrypted_regex: 'unencryptedRegex',
  encrypted_regex: 'encryptedRegex',
} as const

/** By section: how the keys in it are called, and what names one. */
const OTHERS = {
  pgp: ['PGP', 'fp'],
  kms: ['AWS KMS', 'arn'],
  gcp_kms: ['GCP KMS', 'resource_id'],
  azure_kv: ['Azure Key Vault', 'name'],
  hc_vault: ['Vault', 'key_name'],
  hckms: ['HuaweiCloud KMS', 'key_id'],
} as const

/** Throws a Refusal where something is lacking or not of its kind. */
export function readMetadata(found: Branch | null): Metadata {
  if (found === null) {
    throw new Refusal('it has encrypted values, but lacks the `sops` that belongs to them: it was cut off')
  }
  const group = groupOf(found)
  const mac = wordOf(found.get('mac'))
  if (mac === '') throw new Refusal('it has no MAC: it was cut off, or changed by hand')
  return {
    age: listOf(group.get('age')).map((one) => {
      return { recipient: shown(one.get('recipient')), encrypted: wordOf(one.get('enc')) }
    }),
    others: Object.entries(OTHERS).flatMap(([section, [name, key]]) =>
      listOf(group.get(section)).map((one) => `${name} ${shown(one.get(key))}`),
    ),
    changed: changedAt(wordOf(found.get('lastmodified'))),
    mac,
    macOnlyEncrypted: /^(true|t|1)$/i.test(wordOf(found.get('mac_only_encrypted'))),
    rules: rulesOf(found),
  }
}

/** Key groups share the key of the values out among them, so that several people are needed. */
function groupOf(found: Branch): Branch {
  const sections = ['age', ...Object.keys(OTHERS)]
  if (sections.some((section) => listOf(found.get(section)).length > 0)) return found
  const groups = listOf(found.get('key_groups'))
  if (groups.length <= 1) return groups[0] ?? found
  const advice = 'Encrypt it without `key_groups` in .sops.yaml, which needs one key'
  throw new Refusal(`its key is shared out among ${groups.length} key groups, which is not supported. ${advice}`)
}

function rulesOf(found: Branch): Rules {
  const given = Object.entries(RULES).flatMap(([key, name]) => {
    const word = wordOf(found.get(key))
    return word === '' ? [] : [[name, word]]
  })
  const comments = ['unencrypted_comment_regex', 'encrypted_comment_regex']
  if (comments.some((key) => wordOf(found.get(key)) !== '')) return { ...Object.fromEntries(given), byComment: true }
  return given.length === 0 ? { unencryptedSuffix: '_unencrypted' } : Object.fromEntries(given)
}

/** As SOPS writes it anew: without parts of seconds, and with Z for the zone at zero. */
function changedAt(text: string): string {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text)
  if (parts === null) throw new Refusal('its `lastmodified` is not a time: it was cut off, or changed by hand')
  const [, time = '', zone = ''] = parts
  return `${time}${/^[+-]00:00$/.test(zone) ? 'Z' : zone}`
}

function listOf(node: Written | undefined): Branch[] {
  return Array.isArray(node) ? node.filter((one): one is Branch => one instanceof Map) : []
}

function wordOf(node: Written | undefined): string {
  return isScalar(node) && !(node.plain && /^(~|null)?$/.test(node.text)) ? node.text : ''
}

/** For an error: nothing that a terminal would obey, and nothing without end. */
function shown(node: Written | undefined): string {
  const word = wordOf(node)
  return /^[\x21-\x7e]{1,200}$/.test(word) ? word : '(unreadable)'
}
