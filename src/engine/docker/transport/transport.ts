import type { Agent } from 'node:http'
import type Docker from 'dockerode'
import type { Endpoint } from '../../endpoint.ts'
import { sshAgent } from './ssh-agent.ts'
import { tcpAgent, tlsAgent } from './tcp-agent.ts'

/** What the client is built from. */
export type Transport = Docker.DockerOptions & { agent?: Agent }

/**
 * How the client reaches an endpoint. Everything is said, also what is absent: the client would otherwise take it from
 * DOCKER_HOST and its like, which may mean another engine.
 */
export function transportTo(endpoint: Endpoint): Transport {
  const nothing = { host: undefined, port: undefined, ca: undefined, cert: undefined, key: undefined }
  if (endpoint.kind === 'unix') return { ...nothing, protocol: 'http', socketPath: endpoint.path }
  // The name in the requests' headers; where they go is for the agent to say.
  if (endpoint.kind === 'ssh') return { ...nothing, protocol: 'http', host: 'docker', agent: sshAgent(endpoint) }
  const { host, port } = endpoint
  const name = host.includes(':') ? `[${host}]` : host
  if (endpoint.kind === 'tcp') return { ...nothing, protocol: 'http', host: name, port, agent: tcpAgent() }
  return { ...nothing, protocol: 'https', host: name, port, agent: tlsAgent(endpoint) }
}
