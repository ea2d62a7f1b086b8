import { expect, test } from 'vitest'
import { sshKey } from '../../support/signing.ts'
import { type Workshop, workshop } from './workshop.ts'

const KINDS = [
  ['ed25519', ['-t', 'ed25519']],
  ['ecdsa 256', ['-t', 'ecdsa', '-b', '256']],
  ['ecdsa 384', ['-t', 'ecdsa', '-b', '384']],
  ['ecdsa 521', ['-t', 'ecdsa', '-b', '521']],
  ['rsa', ['-t', 'rsa', '-b', '2048']],
] as const

const ED25519 = ['-t', 'ed25519']

/** A commit that one key signed, and lists of signers that name it. */
async function signedBy(options: readonly string[] = ED25519, date?: string) {
  const shop = await workshop()
  const key = await sshKey(shop.folder, 'key', [...options])
  await shop.commit({ ssh: key.path, ...(date === undefined ? {} : { date }) })
  return { shop, ...key }
}

/** Git and the source are of one mind, and the source says why it is against it. */
async function refused(shop: Workshop, ssh: string): Promise<string | null> {
  const { git, untrusted } = await shop.verdicts({ ssh })
  expect(git).toBe(false)
  return untrusted
}

test.each(KINDS)(
  'G13 a commit that an allowed SSH key signed is followed, by git as by us: %s',
  async (_name, options) => {
    const { shop, line } = await signedBy(options)
    expect(await shop.verdicts({ ssh: `# those who may\n\nsam@example.org ${line}\n` })).toEqual({
      git: true,
      untrusted: null,
    })
  },
)

test.each(KINDS)('G13 a commit that was changed after it was signed is not trusted: %s', async (_name, options) => {
  const { shop, line } = await signedBy(options)
  const raw = (await shop.raw()).toString('latin1')
  await shop.place(Buffer.from(raw.replace('Say it', 'Say no'), 'latin1'))
  expect(await refused(shop, `sam@example.org ${line}\n`)).toMatch(/signature by SHA256:\S+ does not belong to it/)
})

test('G13 a commit that nobody signed is not trusted, and says what to do', async () => {
  const shop = await workshop()
  const { line } = await sshKey(shop.folder, 'key', ED25519)
  await shop.git(['commit', '--quiet', '--allow-empty', '-m', 'x'])
  expect(await refused(shop, `sam@example.org ${line}\n`)).toMatch(
    /^commit [0-9a-f]{8} is not followed, .*: it is not signed; push a commit .* git log --show-signature -1 [0-9a-f]{8}$/,
  )
})

test('G13 a key that is on no line is not trusted', async () => {
  const { shop } = await signedBy()
  const other = await sshKey(shop.folder, 'other', ED25519)
  expect(await refused(shop, `sam@example.org ${other.line}\n`)).toMatch(/SHA256:\S+ is not among the allowed signers/)
})

test('G13 a signature of somebody allowed does not help another commit', async () => {
  const { shop, line, path } = await signedBy()
  const first = (await shop.raw()).toString('latin1')
  await shop.commit({ ssh: path })
  const second = (await shop.raw()).toString('latin1')
  const signature = /^gpgsig .*\n(?: .*\n)*/m
  const [taken = ''] = signature.exec(first) ?? []
  await shop.place(Buffer.from(second.replace(signature, taken), 'latin1'))
  expect(await refused(shop, `sam@example.org ${line}\n`)).toMatch(/does not belong to it/)
})

/** The options of a line, and whether a commit of 2026-01-02 03:04:05 UTC is good by it. */
const LINES: [options: string, good: boolean, says?: RegExp][] = [
  ['namespaces="git"', true],
  ['namespaces="file,g?t"', true],
  ['namespaces="file"', false, /may not sign for git/],
  ['namespaces="*,!git"', false, /may not sign for git/],
  ['valid-before="20260102030405Z"', true],
  ['valid-before="20260102030404Z"', false, /was valid only before 2026-01-02T03:04:04Z/],
  ['valid-before="20250101"', false, /was valid only before/],
  ['valid-after="20260102030405Z"', true],
  ['valid-after="20260102030406Z"', false, /is valid only after 2026-01-02T03:04:06Z/],
  ['valid-after="202601020304Z",valid-before="20260103Z",namespaces="git"', true],
  ['VALID-AFTER="20270101Z"', false, /is valid only after/],
]

test.each(LINES)('G13 a line with %s: %s, for git as for us', async (options, good, says) => {
  const { shop, line } = await signedBy()
  const { git, untrusted } = await shop.verdicts({ ssh: `sam@example.org ${options} ${line}\n` })
  expect(git).toBe(good)
  if (says === undefined) expect(untrusted).toBeNull()
  else expect(untrusted).toMatch(says)
})

test('G13 one line that lets a key in is enough', async () => {
  const { shop, line } = await signedBy()
  const ssh = `sam@example.org valid-before="20200101Z" ${line}\nsam@example.org ${line} and a comment\n`
  expect(await shop.verdicts({ ssh })).toEqual({ git: true, untrusted: null })
})

test.each([
  ['a,b', true],
  ['"sam@example.org"', true],
  ['*@example.org,!sam@example.org', true],
  ['!sam@example.org', false],
  ['sam@example.org,!sam@*', false],
] as const)('G13 principals %s: %s, for git as for us', async (principals, good) => {
  const { shop, line } = await signedBy()
  const { git, untrusted } = await shop.verdicts({ ssh: `${principals} ${line}\n` })
  expect([git, untrusted === null]).toEqual([good, good])
})
