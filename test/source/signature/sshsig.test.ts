import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSigners } from '../../../src/source/signature/signers.ts'
import { wireBytes } from '../../../src/source/signature/wire.ts'
import { execute, sshKey, withSignature } from '../../support/signing.ts'
import { type Workshop, workshop } from './workshop.ts'

const HEADER = /^gpgsig .*\n(?: .*\n)*/m

/** The commit at the tip without its signature, and a way to give it another one. */
async function unsigned(shop: Workshop) {
  await shop.git(['commit', '--quiet', '--allow-empty', '-m', 'Say it'])
  const payload = await shop.raw()
  return { payload, signedWith: (armored: string) => withHeader(payload, armored) }
}

function withHeader(payload: Buffer, armored: string): Buffer {
  return Buffer.from(withSignature(payload.toString('latin1'), armored), 'latin1')
}

function armor(signature: Buffer): string {
  const lines = signature.toString('base64').match(/.{1,70}/g) ?? []
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----'].join('\n')
}

/** What `ssh-keygen -Y sign` makes of these bytes. */
function signed(payload: Buffer, key: string, options: string[]): Promise<string> {
  return execute('ssh-keygen', ['-Y', 'sign', '-f', key, ...options], { input: payload }).then(String)
}

test.each([
  ['its other hash', ['-n', 'git', '-O', 'hashalg=sha256'], true, null],
  ['a signature for files', ['-n', 'file'], false, /was made for "file", not for git/],
] as const)('G13 %s, for git as for us', async (_name, options, good, says) => {
  const shop = await workshop()
  const { path, line } = await sshKey(shop.folder, 'key', ['-t', 'ed25519'])
  const { payload, signedWith } = await unsigned(shop)
  await shop.place(signedWith(await signed(payload, path, [...options])))
  const { git, untrusted } = await shop.verdicts({ ssh: `sam@example.org ${line}\n` })
  expect(git).toBe(good)
  if (says === null) expect(untrusted).toBeNull()
  else expect(untrusted).toMatch(says)
})

test('G13 a certificate is refused by name, and so is the authority behind it', async () => {
  const shop = await workshop()
  const authority = await sshKey(shop.folder, 'authority', ['-t', 'ed25519'])
  const { path } = await sshKey(shop.folder, 'key', ['-t', 'ed25519'])
  await execute('ssh-keygen', ['-y', '-f', path]).then((line) => execute('tee', [`${path}.pub`], { input: line }))
  await execute('ssh-keygen', ['-q', '-s', authority.path, '-I', 'sam', '-n', 'sam@example.org', `${path}.pub`])
  await execute('cp', [path, join(shop.folder, 'key-cert')])
  const { payload, signedWith } = await unsigned(shop)
  await shop.place(signedWith(await signed(payload, `${path}-cert.pub`, ['-n', 'git'])))
  const { untrusted } = await shop.verdicts({ ssh: `sam@example.org ${authority.line}\n` })
  expect(untrusted).toMatch(/signed with an SSH certificate, which is not supported/)
  expect(() => openSigners({ ssh: `sam@example.org cert-authority ${authority.line}\n` })).toThrow(
    /signers\.ssh\) cannot be used: line 1: cert-authority is not supported/,
  )
})

/** A key as one on a token is, kept in memory; made and used by OpenSSH's PROTOCOL.u2f. */
interface Token {
  line: string
  signs(data: Buffer): Buffer
}

function tokenOf(kind: 'ed25519' | 'ecdsa', flags: number): Token {
  const { publicKey, privateKey } =
    kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const type = kind === 'ed25519' ? 'sk-ssh-ed25519@openssh.com' : 'sk-ecdsa-sha2-nistp256@openssh.com'
  const application = Buffer.from('ssh:')
  const key = Buffer.concat([type, ...fieldsOf(publicKey), application].map((part) => wireBytes(part)))
  const added = Buffer.from([flags, 0, 0, 0, 7])
  return {
    line: `${type} ${key.toString('base64')}`,
    signs(payload) {
      const digest = sha512(payload)
      const data = Buffer.concat([Buffer.from('SSHSIG'), ...['git', '', 'sha512', digest].map(wireBytes)])
      const value = signatureOf(privateKey, Buffer.concat([sha256(application), added, sha256(data)]))
      const signature = Buffer.concat([wireBytes(type), wireBytes(value), added])
      const parts = [key, 'git', '', 'sha512', signature].map(wireBytes)
      return Buffer.concat([Buffer.from('SSHSIG'), Buffer.from([0, 0, 0, 1]), ...parts])
    },
  }
}

function fieldsOf(key: KeyObject): (Buffer | string)[] {
  const { x = '', y } = key.export({ format: 'jwk' })
  const bytes = (text: string) => Buffer.from(text, 'base64url')
  return y === undefined ? [bytes(x)] : ['nistp256', Buffer.concat([Buffer.from([4]), bytes(x), bytes(y)])]
}

function signatureOf(key: KeyObject, data: Buffer): Buffer {
  if (key.asymmetricKeyType === 'ed25519') return sign(null, data, key)
  const both = sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' })
  // As SSH writes numbers: one whose first bit is set has a zero before it.
  return Buffer.concat(
    [both.subarray(0, 32), both.subarray(32)].map((part) => wireBytes(Buffer.concat([Buffer.alloc(1), part]))),
  )
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function sha512(bytes: Buffer): Buffer {
  return createHash('sha512').update(bytes).digest()
}

test.each([
  ['ed25519', 1],
  ['ed25519', 0],
  ['ecdsa', 1],
  ['ecdsa', 5],
] as const)('G13 a key on a token signs, for git as for us: %s with the flags %i', async (kind, flags) => {
  const shop = await workshop()
  const token = tokenOf(kind, flags)
  const { payload, signedWith } = await unsigned(shop)
  const signature = token.signs(payload)
  const ssh = `sam@example.org ${token.line}\n`
  await shop.place(signedWith(armor(signature)))
  expect(await shop.verdicts({ ssh })).toEqual({ git: true, untrusted: null })
  // The counter stands at the end, and is signed with the rest.
  signature.writeUInt8(8, signature.length - 1)
  await shop.place(signedWith(armor(signature)))
  expect(await shop.verdicts({ ssh })).toEqual({
    git: false,
    untrusted: expect.stringMatching(/does not belong to it/),
  })
})

test('G13 a signature of SHA-1 with an RSA key is refused', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' })
  const numbers = [e, n].map((text) => Buffer.concat([Buffer.alloc(1), Buffer.from(text, 'base64url')]))
  const key = Buffer.concat(['ssh-rsa', ...numbers].map(wireBytes))
  const shop = await workshop()
  const { payload, signedWith } = await unsigned(shop)
  for (const [algorithm, hash, good] of [
    ['ssh-rsa', 'sha1', false],
    ['rsa-sha2-256', 'sha256', true],
  ] as const) {
    const data = Buffer.concat([Buffer.from('SSHSIG'), ...['git', '', 'sha512', sha512(payload)].map(wireBytes)])
    const signature = Buffer.concat([algorithm, sign(hash, data, privateKey)].map(wireBytes))
    const parts = [key, 'git', '', 'sha512', signature].map(wireBytes)
    const whole = Buffer.concat([Buffer.from('SSHSIG'), Buffer.from([0, 0, 0, 1]), ...parts])
    await shop.place(signedWith(armor(whole)))
    const { git, untrusted } = await shop.verdicts({ ssh: `sam@example.org ssh-rsa ${key.toString('base64')}\n` })
    expect([git, untrusted === null]).toEqual([good, good])
    if (!good) expect(untrusted).toMatch(/cannot be read: signatures ssh-rsa are not taken/)
  }
})

test('G13 two signatures, and one of another kind, are refused', async () => {
  const shop = await workshop()
  const { path, line } = await sshKey(shop.folder, 'key', ['-t', 'ed25519'])
  const { payload, signedWith } = await unsigned(shop)
  const good = signedWith(await signed(payload, path, ['-n', 'git'])).toString('latin1')
  const [header = ''] = HEADER.exec(good) ?? []
  const doubt = (text: string) => openSigners({ ssh: `sam ${line}` }).doubt('0'.repeat(40), Buffer.from(text, 'latin1'))
  expect(await doubt(good)).toBeNull()
  expect(await doubt(good.replace(header, header + header))).toMatch(/more than one signature/)
  expect(await doubt(good.replace(/SSH SIGNATURE/g, 'SIGNED MESSAGE'))).toMatch(/neither of SSH nor of OpenPGP/)
  expect(await doubt(good.replace(header, header.replace('gpgsig ', 'gpgsig-sha256 ')))).toMatch(/it is not signed/)
  expect(await doubt(good.replace(/SSH SIGNATURE/g, 'PGP SIGNATURE'))).toMatch(/no OpenPGP signers are set/)
})

test('G13 whatever byte of a commit or of its signature is changed, it is refused', async () => {
  const shop = await workshop()
  const { path, line } = await sshKey(shop.folder, 'key', ['-t', 'ecdsa'])
  const { payload, signedWith } = await unsigned(shop)
  const armored = await signed(payload, path, ['-n', 'git'])
  const signature = Buffer.from(armored.replace(/-----.*-----/g, ''), 'base64')
  const signers = openSigners({ ssh: `sam ${line}` })
  const doubt = (raw: Buffer) => signers.doubt('0'.repeat(40), raw)
  expect(await doubt(signedWith(armored))).toBeNull()
  const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 1, max: 255 }) })
  const changed = (bytes: Buffer, { at, to }: { at: number; to: number }) => {
    const copy = Buffer.from(bytes)
    copy.writeUInt8(copy.readUInt8(at % copy.length) ^ to, at % copy.length)
    return copy
  }
  await fc.assert(
    fc.asyncProperty(change, async (one) => {
      expect(await doubt(signedWith(armor(changed(signature, one))))).toMatch(/is not followed/)
      expect(await doubt(withHeader(changed(payload, one), armored))).toMatch(/is not followed/)
    }),
    { numRuns: 400 },
  )
})

test('G13 whatever stands where a signature should, is refused and never throws', async () => {
  const shop = await workshop()
  const { line } = await sshKey(shop.folder, 'key', ['-t', 'ed25519'])
  const { signedWith } = await unsigned(shop)
  const signers = openSigners({ ssh: `sam ${line}` })
  const junk = fc.oneof(
    fc.uint8Array().map((bytes) => armor(Buffer.from(bytes))),
    fc.uint8Array().map((bytes) => armor(Buffer.concat([Buffer.from('SSHSIG\0\0\0\x01'), bytes]))),
    fc.string({ unit: 'binary' }),
  )
  await fc.assert(
    fc.asyncProperty(junk, async (text) => {
      expect(await signers.doubt('0'.repeat(40), signedWith(text))).toMatch(/is not followed/)
    }),
  )
})
