import { HoldfastError, reasonOf, StepFailed } from '../../../model/errors.ts'
import { type Endpoint, endpointText, type TcpEndpoint, type TlsEndpoint } from '../../endpoint.ts'
import { engineWords } from '../errors.ts'

/** Why an engine cannot be talked to at all, with the next thing to do. */
export function unreachable(endpoint: Endpoint, cause: unknown): HoldfastError {
  // What the SSH connection refused says already what to do.
  if (cause instanceof HoldfastError) return cause
  return new StepFailed('platform', textOf(endpoint, cause), { cause })
}

/** Did the call fail before it reached anybody? Such a failure is about the engine, not about what was asked of it. */
export function isUnconnected(error: unknown): boolean {
  const { syscall, code } = error instanceof Error ? (error as NodeJS.ErrnoException) : {}
  return syscall === 'connect' || syscall === 'getaddrinfo' || code === 'ETIMEDOUT'
}

function textOf(endpoint: Endpoint, cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  if (endpoint.kind === 'unix') return localText(endpoint.path, code) ?? unusable(endpoint, cause)
  if (endpoint.kind === 'tls') return tlsText(endpoint, code, reasonOf(cause)) ?? tcpText(endpoint, code, cause)
  if (endpoint.kind === 'tcp') return tcpText(endpoint, code, cause)
  return unusable(endpoint, cause)
}

function localText(path: string, code: string): string | null {
  const start = 'start it with `sudo systemctl start docker`'
  if (code === 'ENOENT') return `There is no Docker engine at ${path}: ${start}, or name another socket in DOCKER_HOST.`
  if (code === 'ECONNREFUSED') return `The Docker engine behind ${path} does not run: ${start}.`
  if (code !== 'EACCES') return null
  return `${path} may not be used by this user: \`sudo usermod -aG docker $USER\`, then log in again.`
}

function tcpText(endpoint: TcpEndpoint | TlsEndpoint, code: string, cause: unknown): string {
  const { host, port } = endpoint
  if (code === 'ECONNREFUSED') {
    const listen = `\`dockerd -H tcp://0.0.0.0:${port} --tlsverify …\``
    return `Nothing listens at ${host}, port ${port}: start the engine there with ${endpoint.kind === 'tls' ? listen : `\`dockerd -H ${endpointText(endpoint)}\``}, or name another port.`
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `There is no host ${host} that this machine knows: try \`ping ${host}\`.`
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return `${host} does not answer at port ${port}: see whether a firewall is in between, with \`nc -vz ${host} ${port}\`.`
  }
  return unusable(endpoint, cause)
}

/** OpenSSL's codes, and the alerts that the other side sends about our certificate. */
function tlsText({ host, port, certificates }: TlsEndpoint, code: string, reason: string): string | null {
  const ask = `\`openssl s_client -connect ${host}:${port} -CAfile ${certificates}/ca.pem </dev/null\``
  if (code === 'ENOENT' || code === 'EACCES') {
    return `The TLS files of ${host} cannot be read: ${certificates} must hold ca.pem, cert.pem and key.pem: \`ls -l ${certificates}\`.`
  }
  if (code === 'CERT_HAS_EXPIRED') return `The certificate of ${host} has expired: renew it there; ${ask} shows it.`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `The certificate of ${host} is for another name: connect by a name that it holds, or make one with subjectAltName ${host}; ${ask} shows it.`
  }
  if (/SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY)|CERT_SIGNATURE/.test(code)) {
    return `The certificate of ${host} was not signed by ${certificates}/ca.pem: copy the CA of that engine there; ${ask} shows who signed it.`
  }
  if (/certificate.?expired/i.test(reason)) {
    return `${host} refuses our certificate, which has expired: \`openssl x509 -enddate -noout -in ${certificates}/cert.pem\`.`
  }
  if (/certificate|unknown.?ca|handshake failure/i.test(reason)) {
    return `${host} refuses our certificate: ${certificates}/cert.pem must be signed by the CA that the engine has in --tlscacert, for client authentication; \`openssl x509 -text -in ${certificates}/cert.pem\` shows it.`
  }
  if (/wrong version number|packet length/i.test(reason)) {
    return `What listens at ${host}, port ${port} does not speak TLS: start the engine there with --tlsverify, or name its TLS port.`
  }
  return null
}

function unusable(endpoint: Endpoint, cause: unknown): string {
  const address = endpoint.kind === 'unix' ? endpoint.path : endpointText(endpoint)
  return `What answers at ${address} cannot be used as a Docker engine (${engineWords(cause)}): try \`docker -H ${endpointText(endpoint)} version\`.`
}
