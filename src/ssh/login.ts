import { readFileSync, statSync } from 'node:fs'
import ssh2, { type AnyAuthMethod } from 'ssh2'
import type { Advice, SshServer } from './server.ts'

/** A key file of no use, and why; `missing` is no reason to say anything as long as another one is there. */
interface Unusable {
  kind: 'missing' | 'unreadable' | 'open' | 'locked' | 'spoilt'
  file: string
}

type Key = { kind: 'usable'; content: Buffer } | Unusable

/** One key that was named comes before the agent's, which may hold more than the server lets us try. */
export function waysToLogIn(server: SshServer): AnyAuthMethod[] {
  const { user, keys, passphrase, agent } = server
  const opened = passphrase === undefined ? {} : { passphrase }
  const fromFiles = keys.flatMap((file): AnyAuthMethod[] => {
    const key = readKey(file, passphrase)
    return key.kind === 'usable' ? [{ type: 'publickey', username: user, key: key.content, ...opened }] : []
  })
  const fromAgent: AnyAuthMethod[] = agent === null ? [] : [{ type: 'agent', username: user, agent }]
  return keys.length === 1 ? [...fromFiles, ...fromAgent] : [...fromAgent, ...fromFiles]
}

/** Why none of the key files was of use, for a person, with a space behind it; empty when one was. */
export function keysMissing({ keys, passphrase }: SshServer, advice: Advice): string {
  const found = keys.map((file) => readKey(file, passphrase))
  if (found.some(({ kind }) => kind === 'usable')) return ''
  for (const key of found) {
    if (key.kind !== 'usable' && key.kind !== 'missing') return `${whyOf(key, passphrase, advice)} `
  }
  return `There is no key at ${keys.join(', ')}. `
}

function whyOf({ kind, file }: Unusable, passphrase: string | undefined, advice: Advice): string {
  if (kind === 'unreadable') return `${file} may not be read by this user.`
  if (kind === 'open') return `Others can read ${file}, so it is not used: \`chmod 600 ${file}\`.`
  if (kind === 'spoilt') return `${file} is no private key.`
  if (passphrase !== undefined) return `${file} is not opened by the passphrase that was given.`
  return `${file} is protected by a passphrase: ${advice.locked(file)}`
}

function readKey(file: string, passphrase: string | undefined): Key {
  let content: Buffer
  try {
    if (isOpenToOthers(file)) return { kind: 'open', file }
    content = readFileSync(file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    return { kind: code === 'EACCES' || code === 'EPERM' ? 'unreadable' : 'missing', file }
  }
  const parsed = ssh2.utils.parseKey(content, passphrase)
  if (!(parsed instanceof Error)) return { kind: 'usable', content }
  return { kind: /passphrase/i.test(parsed.message) ? 'locked' : 'spoilt', file }
}

/** OpenSSH's own rule: of a file of ours nobody else may read anything; of others' files it is not ours to say. */
function isOpenToOthers(file: string): boolean {
  const { mode, uid } = statSync(file)
  return uid === process.getuid?.() && (mode & 0o077) !== 0
}
