import { HoldfastError, reasonOf } from '../model/errors.ts'
import { keysMissing } from './login.ts'
import { type Advice, type SshServer, sshCommand } from './server.ts'

/**
 * No connection to an SSH server came about. `retry`: the network or the server; `terminal`: a key, ours or the host's.
 * The text names the command to type.
 */
export class SshRefused extends HoldfastError {
  constructor(handling: 'terminal' | 'retry', message: string, options?: { cause?: unknown }) {
    super(handling, message, options)
    this.name = 'SshRefused'
  }
}

/** Turns what ssh2 says of a connection that did not come about into an error a person can act on. */
export function refusal(server: SshServer, advice: Advice, cause: Error & { level?: string }): SshRefused {
  if (cause instanceof SshRefused) return cause
  if (cause.level === 'client-authentication') {
    const text = `${server.host} lets ${server.user} not in by SSH. ${keysMissing(server, advice)}${advice.login}`
    return new SshRefused('terminal', text, { cause })
  }
  return new SshRefused('retry', networkText(server, advice, cause), { cause })
}

function networkText(server: SshServer, advice: Advice, cause: Error & { code?: string; level?: string }): string {
  const { host, port } = server
  const command = `\`${sshCommand(server)}\``
  if (cause.code === 'ECONNREFUSED') {
    return `Nothing listens for SSH at ${host}, port ${port}: try ${command}, or write another port into ${advice.address}.`
  }
  if (cause.code === 'ENOTFOUND' || cause.code === 'EAI_AGAIN') {
    return `There is no host ${host} that this machine knows: try ${command}.`
  }
  if (cause.level === 'client-timeout' || cause.code === 'ETIMEDOUT') {
    return `${host} does not answer at port ${port} (SSH): try ${command}.`
  }
  return `No SSH connection to ${host}, port ${port} (${reasonOf(cause)}): try ${command}.`
}
