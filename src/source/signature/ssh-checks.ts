import { createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto'
import { Malformed } from './malformed.ts'
import { readWire, type Wire } from './wire.ts'

/** A signature that is being checked. */
export interface Use {
  algorithm: string
  value: Buffer
  /** What follows the value; tokens put something there. */
  rest: Wire
  data: Uint8Array
}

/** Is the signature that of one certain key? */
export type Check = (use: Use) => boolean

/** Shorter keys can be broken. */
const SHORTEST_RSA_BITS = 2048
const RSA_HASHES: Record<string, string> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }

const CURVES = {
  nistp256: { name: 'P-256', bytes: 32, hash: 'sha256' },
  nistp384: { name: 'P-384', bytes: 48, hash: 'sha384' },
  nistp521: { name: 'P-521', bytes: 66, hash: 'sha512' },
}

/** RFC 8709. */
export function ed25519(fields: Wire): Check {
  const key = publicKey({ kty: 'OKP', crv: 'Ed25519', x: encoded(fields.bytes()) })
  return ({ data, value }) => verify(null, data, key, value)
}

/** RFC 4253 and 8332. */
export function rsa(fields: Wire): Check {
  const exponent = withoutZeros(fields.bytes())
  const modulus = withoutZeros(fields.bytes())
  const bits = modulus.length * 8 - Math.clz32((modulus[0] ?? 0) << 24)
  if (bits < SHORTEST_RSA_BITS)
    throw new Malformed(`an RSA key of ${bits} bits is too short, ${SHORTEST_RSA_BITS} are the least`)
  const key = publicKey({ kty: 'RSA', n: encoded(modulus), e: encoded(exponent) })
  return ({ algorithm, data, value }) => {
    const hash = RSA_HASHES[algorithm]
    return hash !== undefined && verify(hash, data, key, padded(value, modulus.length))
  }
}

/** RFC 5656. */
export function ecdsa(fields: Wire, curve: keyof typeof CURVES): Check {
  const { name, bytes, hash } = CURVES[curve]
  const stated = fields.text()
  const point = fields.bytes()
  if (stated !== curve || point.length !== 1 + 2 * bytes || point[0] !== 4) throw new Malformed(`it is no ${curve} key`)
  const [x, y] = [point.subarray(1, 1 + bytes), point.subarray(1 + bytes)]
  const key = publicKey({ kty: 'EC', crv: name, x: encoded(x), y: encoded(y) })
  return ({ data, value }) => {
    const numbers = readWire(value)
    const both = Buffer.concat([padded(numbers.bytes(), bytes), padded(numbers.bytes(), bytes)])
    numbers.end()
    return verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, both)
  }
}

/**
 * A token (FIDO; OpenSSH's PROTOCOL.u2f) signs a hash of the data between whom the key is for and what it adds: flags
 * and a counter. As for git, it is enough that it signed: that somebody touched it is a flag that is not asked for.
 */
export function onToken(check: Check, fields: Wire): Check {
  const application = fields.bytes()
  return (use) => {
    const added = Buffer.alloc(5)
    added.writeUInt8(use.rest.byte())
    added.writeUInt32BE(use.rest.uint32(), 1)
    return check({ ...use, data: Buffer.concat([sha256(application), added, sha256(use.data)]) })
  }
}

function publicKey(key: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key, format: 'jwk' })
  } catch (cause) {
    throw new Malformed('it holds no key', { cause })
  }
}

/** A number at its full length, as Node wants it; SSH leaves zeros out, and puts one before a leading bit that is set. */
function padded(number: Buffer, length: number): Buffer {
  const digits = withoutZeros(number)
  if (digits.length > length) throw new Malformed('a number in it is too large')
  return Buffer.concat([Buffer.alloc(length - digits.length), digits])
}

function withoutZeros(number: Buffer): Buffer {
  const first = number.findIndex((byte) => byte !== 0)
  return first < 0 ? Buffer.alloc(0) : number.subarray(first)
}

function encoded(bytes: Buffer): string {
  return bytes.toString('base64url')
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
