import { spawn } from 'node:child_process'
import { debianFile } from './debian.ts'

/** A pair of age keys that Debian's `age-keygen` made. */
export interface AgeKey {
  /** `age1…` */
  recipient: string
  /** `AGE-SECRET-KEY-1…` */
  identity: string
  /** The whole of the key file, comments included. */
  file: string
}

export async function makeAgeKey(): Promise<AgeKey> {
  const file = (await run(await debianFile('age', 'usr/bin/age-keygen'), [], '')).toString()
  const [, recipient = ''] = /public key: (age1\S+)/.exec(file) ?? []
  const [identity = ''] = /^AGE-SECRET-KEY-1\S+$/m.exec(file) ?? []
  return { recipient, identity, file }
}

/** Encrypts with Debian's `age`. */
export async function ageEncrypt(
  text: string | Uint8Array,
  recipients: string[],
  options: string[] = [],
): Promise<Buffer> {
  const named = recipients.flatMap((recipient) => ['-r', recipient])
  return await run(await debianFile('age', 'usr/bin/age'), ['-e', ...named, ...options], text)
}

function run(program: string, args: string[], input: string | Uint8Array): Promise<Buffer> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const output: Buffer[] = []
  let complaint = ''
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  // Whoever does not read it has ended, and tells why by its code.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve(Buffer.concat(output)) : reject(new Error(complaint))))
  })
}
