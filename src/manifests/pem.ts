import { createPrivateKey, X509Certificate } from 'node:crypto'

/** What a host proves itself with, in PEM: its certificate, those between it and its authority, and its key. */
export interface Pem {
  text: string
  /** The certificates without the key; the host's own comes first. */
  certificates: string[]
}

/** Why a text is not what it should be, and what to do about it. */
export interface Fault {
  of: 'certificate' | 'key'
  message: string
  hint: string
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g
const CERTIFICATE = /^(X509 )?CERTIFICATE$/
const KEY = /PRIVATE KEY$/
const PROTECTED = /^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m

const DAMAGED = 'It is cut off, or was changed.'
const FAULTS = {
  noCertificate: {
    ...{ of: 'certificate', message: 'There is no certificate in PEM in it' },
    hint: 'It begins with -----BEGIN CERTIFICATE-----.',
  },
  noKey: {
    ...{ of: 'key', message: 'There is no private key in PEM in it' },
    hint: 'Append it, or give it apart: `tls: {certificate: …, key: …}`.',
  },
  manyKeys: {
    ...{ of: 'key', message: 'There is more than one private key in it' },
    hint: "Leave only the certificate's own.",
  },
  protectedKey: {
    ...{ of: 'key', message: 'The private key is protected by a passphrase' },
    hint: 'Take the passphrase off (openssl pkey), and encrypt the file itself, as docs/secrets.md tells.',
  },
  badCertificate: { of: 'certificate', message: 'A certificate in it cannot be read', hint: DAMAGED },
  badKey: { of: 'key', message: 'The private key cannot be read', hint: DAMAGED },
  wrongOrder: {
    ...{ of: 'certificate', message: "The certificate that comes first is not the key's" },
    hint: "Put the host's own certificate first.",
  },
  otherKey: {
    ...{ of: 'key', message: 'The private key is not that of the certificate' },
    hint: 'Take both from one place.',
  },
} as const satisfies Record<string, Fault>

/** Takes certificates from the one text and the key from the other, which may be the same, and nothing else of them. */
export function pemOf(certificateText: string, keyText: string): Pem | Fault {
  const certificates = blocksOf(certificateText, CERTIFICATE)
  const [key, another] = blocksOf(keyText, KEY)
  if (certificates.length === 0) return FAULTS.noCertificate
  if (key === undefined) return FAULTS.noKey
  if (another !== undefined) return FAULTS.manyKeys
  if (PROTECTED.test(key)) return FAULTS.protectedKey
  return mismatch(certificates, key) ?? { text: [...certificates, key, ''].join('\n'), certificates }
}

function blocksOf(text: string, label: RegExp): string[] {
  const unix = text.replace(/\r\n?/g, '\n')
  return [...unix.matchAll(BLOCK)].flatMap(([block, name = '']) => (label.test(name) ? [block] : []))
}

function mismatch(certificates: readonly string[], keyText: string): Fault | null {
  const parsed = certificates.map((text) => tried(() => new X509Certificate(text)))
  if (parsed.includes(null)) return FAULTS.badCertificate
  const key = tried(() => createPrivateKey(keyText))
  if (key === null) return FAULTS.badKey
  const [isFirst, ...areLater] = parsed.map((one) => tried(() => one?.checkPrivateKey(key)) ?? false)
  if (isFirst) return null
  return areLater.includes(true) ? FAULTS.wrongOrder : FAULTS.otherKey
}

function tried<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}

/** Whether the certificate is for such a host; for one with a wildcard it has to be for all that it means. */
export function isFor({ certificates: [own] }: Pem, host: string): boolean {
  if (own === undefined) return false
  // A name that no certificate has by itself.
  const tested = host.replace(/^\*\./, 'any-name-below-it.')
  return new X509Certificate(own).checkHost(tested) !== undefined
}
