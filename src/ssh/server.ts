import { homedir } from 'node:os'
import { join } from 'node:path'

/** An SSH server, and how we log in to it. */
export interface SshServer {
  host: string
  port: number
  user: string
  /** Private key files to try, in this order; those that are not there are left out. */
  keys: string[]
  /** Opens keys that are protected by one. */
  passphrase?: string
  /** Socket of an agent that holds keys; null without one. */
  agent: string | null
  /** Files that say which host keys are trusted. */
  knownHosts: string[]
}

/** What errors say of settings: both who asks for a connection and where its settings stand differ. */
export interface Advice {
  /** What to do when no key was let in, e.g. "Give it a key with `ssh-copy-id …`." */
  login: string
  /** What to do about a key that is protected, e.g. "`ssh-add /key` gives it to an agent." */
  locked(file: string): string
  /** How another port is written, e.g. `ssh://user@host:PORT`. */
  address: string
}

const KEY_NAMES = ['id_ed25519', 'id_ecdsa', 'id_rsa']
const SYSTEM_KNOWN_HOSTS = '/etc/ssh/ssh_known_hosts'

/** The keys that OpenSSH would try. */
export function usualKeys(): string[] {
  return KEY_NAMES.map((name) => join(homedir(), '.ssh', name))
}

/** The files in which OpenSSH would look for host keys. */
export function usualKnownHosts(): string[] {
  return [join(homedir(), '.ssh', 'known_hosts'), SYSTEM_KNOWN_HOSTS]
}

/** What a person types to get there. */
export function sshCommand(server: SshServer): string {
  return `ssh ${portOption(server)}${server.user}@${server.host}`
}

/** Of `ssh` and `ssh-copy-id`, with the space behind it; empty for the usual port. */
export function portOption({ port }: SshServer): string {
  return port === 22 ? '' : `-p ${port} `
}
