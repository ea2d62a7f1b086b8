import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { openGitSource } from '../../../src/source/git.ts'
import type { SignerSettings } from '../../../src/source/signature/signers.ts'
import { wireBytes } from '../../../src/source/signature/wire.ts'

const GOOD = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGl7JHlj8aDyGB5+3DkjXNlVEFHJFgrCJD0GBnfKpw5G'

function rsaLine(bits: number): string {
  const { n = '', e = '' } = generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' })
  const numbers = [e, n].map((text) => Buffer.concat([Buffer.alloc(1), Buffer.from(text, 'base64url')]))
  return `ssh-rsa ${Buffer.concat(['ssh-rsa', ...numbers].map(wireBytes)).toString('base64')}`
}

function open(signers: SignerSettings) {
  return openGitSource({
    url: '/nowhere',
    at: { kind: 'branch', name: 'main' },
    directory: '/nowhere',
    timeoutMs: 1_000,
    signers,
  })
}

const REFUSED: [text: string, says: string][] = [
  ['', 'it lists nobody'],
  ['# nobody\n', 'it lists nobody'],
  [`sam ${GOOD}\nsam`, 'line 2: it has no key: `principals [options] type key`'],
  ['sam ssh-dss AAAAB3NzaC1kc3MAAACB', 'line 1: it has no key'],
  [`sam ssh-rsa ${GOOD.split(' ')[1]}`, 'line 1: it says ssh-rsa, but the key is of type ssh-ed25519'],
  ['sam ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGl7', 'line 1: it ends early'],
  [`sam cert-authority ${GOOD}`, 'line 1: cert-authority is not supported; list the keys of the signers themselves'],
  [`sam namespaces=git ${GOOD}`, 'line 1: the option namespaces=git is none; there are namespaces="…"'],
  [`sam no-touch-required ${GOOD}`, 'line 1: the option no-touch-required is none'],
  [`sam valid-after="20261301Z" ${GOOD}`, 'line 1: "20261301Z" is no time there is'],
  [`sam valid-after="20260230Z" ${GOOD}`, 'line 1: "20260230Z" is no time there is'],
  [`sam valid-after="tomorrow" ${GOOD}`, 'line 1: "tomorrow" is no time; write YYYYMMDDZ'],
  [`sam valid-after="20260101Z",valid-after="20250101Z" ${GOOD}`, 'line 1: it has valid-after twice'],
  [`sam valid-after="20260101Z",valid-before="20250101Z" ${GOOD}`, 'line 1: its valid-before is not after'],
  [`sam ${rsaLine(1024)}`, 'line 1: an RSA key of 1024 bits is too short, 2048 are the least'],
]

test.each(REFUSED)('allowed signers that cannot be used are refused when the source is opened: %j', (ssh, says) => {
  const start = 'The allowed signers of the repository (signers.ssh) cannot be used: '
  expect(() => open({ ssh })).toThrow(start + says)
})

test('signers of neither kind are refused: nothing could ever be followed', () => {
  expect(() => open({})).toThrow('(signers) cannot be used: they name neither ssh nor gpg keys. Correct the setting.')
})

test('a list in order is taken, with comments, blanks and carriage returns', () => {
  expect(() => open({ ssh: `# all\r\n\r\n  sam,alex   namespaces="git"\t${GOOD} of Sam's\r\n` })).not.toThrow()
  expect(() => open({ ssh: `sam ${rsaLine(2048)}` })).not.toThrow()
})
