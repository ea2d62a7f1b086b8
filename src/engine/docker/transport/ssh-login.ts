import { readFileSync } from 'node:fs'
import ssh2, { type AnyAuthMethod } from 'ssh2'
import type { SshEndpoint } from '../../endpoint.ts'

/** One key that was named comes before the agent's, which may hold more than the server lets us try. */
export function waysToLogIn({ user, keys, agent }: SshEndpoint): AnyAuthMethod[] {
  const fromFiles = keys.flatMap((file): AnyAuthMethod[] => {
    const key = usableKey(file)
    return key === null ? [] : [{ type: 'publickey', username: user, key }]
  })
  const fromAgent: AnyAuthMethod[] = agent === null ? [] : [{ type: 'agent', username: user, agent }]
  return keys.length === 1 ? [...fromFiles, ...fromAgent] : [...fromAgent, ...fromFiles]
}

/** Why none of the key files was of use, for a person; empty when one was. */
export function keysMissing({ keys }: SshEndpoint): string {
  const found = keys.map((file) => ({ file, key: readKey(file) }))
  if (found.some(({ key }) => key !== null && !(key instanceof Error))) return ''
  const locked = found.find(({ key }) => key instanceof Error && /passphrase/i.test(key.message))
  if (locked) return `${locked.file} is protected by a passphrase: \`ssh-add ${locked.file}\` gives it to an agent. `
  const spoilt = found.find(({ key }) => key instanceof Error)
  if (spoilt) return `${spoilt.file} is no private key. `
  return `There is no key at ${keys.join(', ')}. `
}

function usableKey(file: string): Buffer | null {
  const key = readKey(file)
  return key instanceof Error ? null : key
}

/** Null when there is no such file, an error when it cannot be used. */
function readKey(file: string): Buffer | Error | null {
  let content: Buffer
  try {
    content = readFileSync(file)
  } catch {
    return null
  }
  const parsed = ssh2.utils.parseKey(content)
  return parsed instanceof Error ? parsed : content
}
