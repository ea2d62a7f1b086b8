import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ensureProgram } from '../../support/install.ts'
import { execute, sshKey } from '../../support/signing.ts'
import { type Signing, type Workshop, workshop } from './workshop.ts'

interface Gnupg {
  home: string
  /** Runs gpg; `at` is the time it takes for now, `20200101T000000`. */
  run(args: string[], at?: string, input?: string): Promise<string>
  /** A key without a passphrase; gives its fingerprint. */
  key(kind: string, usage?: string, expires?: string, at?: string): Promise<string>
  /** What git signs with, at that time. */
  signing(fingerprint: string, at?: string): Signing
  /** The public halves, as a keyring is set. */
  keyring(...fingerprints: string[]): Promise<string>
}

async function gnupg({ folder }: Workshop, name = 'gnupg'): Promise<Gnupg> {
  const gpg = await ensureProgram('gpg', 'gnupg')
  const home = join(folder, name)
  mkdirSync(home, { mode: 0o700 })
  const env = { GNUPGHOME: home }
  onTestFinished(() => execute('gpgconf', ['--kill', 'gpg-agent'], { env }).then(() => {}))
  async function run(args: string[], at?: string, input = ''): Promise<string> {
    const time = at === undefined ? [] : ['--faked-system-time', `${at}!`]
    const quiet = ['--batch', '--yes', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '']
    return String(await execute(gpg, [...quiet, ...time, ...args], { env, input: Buffer.from(input) }))
  }
  return {
    home,
    run,
    async key(kind, usage = 'sign', expires = 'never', at) {
      const before = await fingerprints(run)
      await run(['--quick-generate-key', `${name} <${name}@example.org>`, kind, usage, expires], at)
      return (await fingerprints(run)).find((one) => !before.includes(one)) ?? ''
    },
    signing(fingerprint, at) {
      const program = join(folder, `${name}-${at ?? 'now'}`)
      const time = at === undefined ? '' : `--faked-system-time ${at}!`
      writeFileSync(program, `#!/bin/sh\nexec ${gpg} --pinentry-mode loopback ${time} "$@"\n`)
      chmodSync(program, 0o755)
      return { gpg: fingerprint, program, home }
    },
    keyring: (...fingerprints) => run(['--armor', '--export', ...fingerprints]),
  }
}

async function fingerprints(run: Gnupg['run']): Promise<string[]> {
  const listed = await run(['--with-colons', '--list-keys'])
  return [...listed.matchAll(/^fpr:+([0-9A-F]+):/gm)].map(([, fingerprint = '']) => fingerprint)
}

const KINDS = ['ed25519', 'rsa3072', 'nistp256', 'nistp521']

test.each(KINDS)('G13 a commit that an allowed OpenPGP key signed is followed, by git as by us: %s', async (kind) => {
  const shop = await workshop()
  const keys = await gnupg(shop)
  const key = await keys.key(kind)
  await shop.commit(keys.signing(key))
  expect(await shop.verdicts({ gpg: await keys.keyring(key) }, keys.home)).toEqual({ git: true, untrusted: null })
  const raw = (await shop.raw()).toString('latin1')
  await shop.place(Buffer.from(raw.replace('Say it', 'Say no'), 'latin1'))
  const { git, untrusted } = await shop.verdicts({ gpg: await keys.keyring(key) }, keys.home)
  expect(git).toBe(false)
  expect(untrusted).toMatch(/its signature by the OpenPGP key [0-9A-F]{16} is not good: /)
})

test('G13 a key that is in no keyring is not trusted', async () => {
  const shop = await workshop()
  const [keys, others] = [await gnupg(shop), await gnupg(shop, 'others')]
  const other = await others.key('ed25519')
  await shop.commit(keys.signing(await keys.key('ed25519')))
  const { git, untrusted } = await shop.verdicts({ gpg: await others.keyring(other) }, others.home)
  expect(git).toBe(false)
  expect(untrusted).toMatch(/its signer, the OpenPGP key [0-9A-F]{16}, is not among the allowed signers/)
})

test('G13 a keyring of several keys and blocks, and a key for signing below another one', async () => {
  const shop = await workshop()
  const keys = await gnupg(shop)
  const [one, two] = [await keys.key('ed25519'), await keys.key('ed25519', 'cert')]
  await keys.run(['--quick-add-key', two, 'ed25519', 'sign', 'never'])
  await shop.commit(keys.signing(two))
  const gpg = `${await keys.keyring(one)}\n${await keys.keyring(two)}`
  expect(await shop.verdicts({ gpg }, keys.home)).toEqual({ git: true, untrusted: null })
  expect((await shop.verdicts({ gpg: await keys.keyring(one, two) })).untrusted).toBeNull()
})

test('G13 a key that expired since it signed is not trusted, for git as for us', async () => {
  const shop = await workshop()
  const keys = await gnupg(shop)
  const key = await keys.key('ed25519', 'sign', '1y', '20200101T000000')
  await shop.commit({ ...keys.signing(key, '20200601T000000'), date: '2020-06-01T00:00:00Z' })
  const { git, untrusted } = await shop.verdicts({ gpg: await keys.keyring(key) }, keys.home)
  expect(git).toBe(false)
  expect(untrusted).toMatch(/the OpenPGP key [0-9A-F]{16}, is not taken: Primary key is expired/)
})

test('G13 an expired key below a good one is not trusted, for git as for us', async () => {
  const shop = await workshop()
  const keys = await gnupg(shop)
  const key = await keys.key('ed25519', 'cert', 'never', '20200101T000000')
  await keys.run(['--quick-add-key', key, 'ed25519', 'sign', '1y'], '20200101T000000')
  await shop.commit({ ...keys.signing(key, '20200601T000000'), date: '2020-06-01T00:00:00Z' })
  const { git, untrusted } = await shop.verdicts({ gpg: await keys.keyring(key) }, keys.home)
  expect(git).toBe(false)
  expect(untrusted).toMatch(/is not taken: .*expired/)
})

test('G13 a revoked key is not trusted, whenever it signed', async () => {
  const shop = await workshop()
  const keys = await gnupg(shop)
  const key = await keys.key('ed25519')
  await shop.commit(keys.signing(key))
  expect((await shop.verdicts({ gpg: await keys.keyring(key) }, keys.home)).untrusted).toBeNull()
  const [certificate = ''] = readdirSync(join(keys.home, 'openpgp-revocs.d'))
  const text = readFileSync(join(keys.home, 'openpgp-revocs.d', certificate), 'utf8').replace(
    ':-----BEGIN',
    '-----BEGIN',
  )
  await keys.run(['--import'], undefined, text)
  const { git, untrusted } = await shop.verdicts({ gpg: await keys.keyring(key) }, keys.home)
  expect(git).toBe(false)
  expect(untrusted).toMatch(/is not taken: Primary key is revoked/)
})

test('G13 a signature that is not of a file is refused: it may sign something else, or nothing', async () => {
  const shop = await workshop()
  const keys = await gnupg(shop)
  const key = await keys.key('ed25519')
  const gpg = await keys.keyring(key)
  await shop.git(['commit', '--quiet', '--allow-empty', '-m', 'x'])
  const payload = (await shop.raw()).toString()
  const sign = (...mode: string[]) => keys.run(['--armor', '--detach-sign', ...mode], undefined, payload)
  const ofFile = await sign()
  // The fourth byte is the type; 2 is that of a signature of nothing.
  const bytes = Buffer.from(ofFile.replace(/-----.*-----|^=.*$/gm, ''), 'base64')
  bytes.writeUInt8(2, 3)
  const ofNothing = `-----BEGIN PGP SIGNATURE-----\n\n${bytes.toString('base64')}\n-----END PGP SIGNATURE-----`
  for (const [armored, says] of [
    [ofFile, null],
    [await sign('--textmode'), /is not one of a file/],
    [ofNothing, /is not one of a file/],
  ] as const) {
    const header = `gpgsig ${armored.trim().replaceAll('\n', '\n ')}`
    await shop.place(Buffer.from(payload.replace('\n\n', `\n${header}\n\n`)))
    const { untrusted } = await shop.verdicts({ gpg })
    if (says === null) expect(untrusted).toBeNull()
    else expect(untrusted).toMatch(says)
  }
})

test.each(['brainpoolP256r1', 'dsa2048'])('G13 a key of a kind that is not supported is refused: %s', async (kind) => {
  const shop = await workshop()
  const keys = await gnupg(shop)
  const key = await keys.key(kind)
  await shop.commit(keys.signing(key))
  const { untrusted } = await shop.verdicts({ gpg: await keys.keyring(key) })
  expect(untrusted).toMatch(
    /is not taken: .*(the curve brainpoolP256r1 is not supported|dsa keys are considered too weak)/,
  )
})

test('G13 a signature over SHA-1 is refused', async () => {
  const shop = await workshop()
  const keys = await gnupg(shop)
  const key = await keys.key('rsa2048')
  writeFileSync(join(keys.home, 'gpg.conf'), 'digest-algo SHA1\n')
  await shop.commit(keys.signing(key))
  const { untrusted } = await shop.verdicts({ gpg: await keys.keyring(key) })
  expect(untrusted).toMatch(/its signature by .* is not good: .*Insecure message hash algorithm: SHA1/)
})

test('G13 SSH signers do not vouch for OpenPGP signatures, and both kinds can be allowed', async () => {
  const shop = await workshop()
  const keys = await gnupg(shop)
  const key = await keys.key('ed25519')
  const { path, line } = await sshKey(shop.folder, 'key', ['-t', 'ed25519'])
  const [ssh, gpg] = [`sam ${line}`, await keys.keyring(key)]
  await shop.commit(keys.signing(key))
  expect((await shop.verdicts({ ssh })).untrusted).toMatch(/signed with OpenPGP, and no OpenPGP signers are set/)
  expect((await shop.verdicts({ ssh, gpg })).untrusted).toBeNull()
  await shop.commit({ ssh: path })
  expect((await shop.verdicts({ gpg })).untrusted).toMatch(/signed with SSH, and no SSH signers are set/)
  expect((await shop.verdicts({ ssh, gpg })).untrusted).toBeNull()
})

test.each([
  ['', 'it holds no public key; write it with: gpg --armor --export <key>'],
  ['-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----', ''],
])('a keyring that cannot be read is named at the first signature: %j', async (gpg, says) => {
  const shop = await workshop()
  const keys = await gnupg(shop)
  await shop.commit(keys.signing(await keys.key('ed25519')))
  await expect(shop.verdicts({ gpg })).rejects.toThrow(`(signers.gpg) cannot be used: ${says}`)
})
