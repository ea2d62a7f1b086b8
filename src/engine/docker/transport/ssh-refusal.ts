import { reasonOf, StepFailed } from '../../../model/errors.ts'
import { type Advice, portOption, sshCommand } from '../../../ssh/server.ts'
import type { SshEndpoint } from '../../endpoint.ts'

export function adviceFor(endpoint: SshEndpoint): Advice {
  const login = `\`ssh-copy-id ${portOption(endpoint)}${endpoint.user}@${endpoint.host}\``
  return {
    login: `Give it a key with ${login}, or name one with --ssh-key.`,
    locked: (file) => `\`ssh-add ${file}\` gives it to an agent.`,
    address: `ssh://${endpoint.user}@${endpoint.host}:PORT`,
  }
}

/** Why no SSH connection came about, which says already what to do. Of the platform: no release is to blame. */
export function refusedLink(cause: unknown): StepFailed {
  return new StepFailed('platform', reasonOf(cause), { cause })
}

/** Why the SSH server did not connect us to the engine's socket. Its answer is the same for all that can be wrong. */
export function refusedForward(endpoint: SshEndpoint, cause: unknown): StepFailed {
  return new StepFailed('platform', forwardText(endpoint, cause), { cause })
}

function forwardText(endpoint: SshEndpoint, cause: unknown): string {
  const { host, user, socket } = endpoint
  const ssh = sshCommand(endpoint)
  if (!(cause instanceof Error && 'reason' in cause)) {
    return `The SSH connection to ${host} was lost (${reasonOf(cause)}): it is made again by itself; try \`${ssh}\`.`
  }
  return [
    `The engine's socket ${socket} on ${host} cannot be opened by ${user}; \`${ssh} ls -l ${socket}\` shows why.`,
    'It is not there: start the engine, or write its path behind the host (ssh://user@host/path).',
    `It is there, for others: \`sudo usermod -aG docker ${user}\` on ${host}.`,
    `It is there for ${user}: set \`AllowStreamLocalForwarding yes\` in sshd_config on ${host}.`,
  ].join(' ')
}
