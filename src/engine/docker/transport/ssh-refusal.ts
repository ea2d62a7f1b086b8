import { reasonOf, StepFailed } from '../../../model/errors.ts'
import type { SshEndpoint } from '../../endpoint.ts'
import { keysMissing } from './ssh-login.ts'

/** Why no SSH connection came about, with the command to type. */
export function refusedLink(endpoint: SshEndpoint, cause: Error): StepFailed {
  if (cause instanceof StepFailed) return cause
  return new StepFailed('platform', linkText(endpoint, cause), { cause })
}

function linkText(endpoint: SshEndpoint, cause: Error & { code?: string; level?: string }): string {
  const { host, port, user } = endpoint
  const command = `\`ssh ${portOption(port)}${user}@${host}\``
  if (cause.level === 'client-authentication') {
    const login = `\`ssh-copy-id ${portOption(port)}${user}@${host}\``
    return `${host} lets ${user} not in by SSH. ${keysMissing(endpoint)}Give it a key with ${login}, or name one with --ssh-key.`
  }
  if (cause.code === 'ECONNREFUSED') {
    return `Nothing listens for SSH at ${host}, port ${port}: try ${command}, or write another port into ssh://${user}@${host}:PORT.`
  }
  if (cause.code === 'ENOTFOUND' || cause.code === 'EAI_AGAIN') {
    return `There is no host ${host} that this machine knows: try ${command}.`
  }
  if (cause.level === 'client-timeout' || cause.code === 'ETIMEDOUT') {
    return `${host} does not answer at port ${port} (SSH): try ${command}.`
  }
  return `No SSH connection to ${host}, port ${port} (${reasonOf(cause)}): try ${command}.`
}

/** Why the SSH server did not connect us to the engine's socket. Its answer is the same for all that can be wrong. */
export function refusedForward(endpoint: SshEndpoint, cause: unknown): StepFailed {
  return new StepFailed('platform', forwardText(endpoint, cause), { cause })
}

function forwardText({ host, port, user, socket }: SshEndpoint, cause: unknown): string {
  const ssh = `ssh ${portOption(port)}${user}@${host}`
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

function portOption(port: number): string {
  return port === 22 ? '' : `-p ${port} `
}
