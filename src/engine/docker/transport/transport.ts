import { Agent } from 'node:http'
import { inspect } from 'node:util'
import type Docker from 'dockerode'
import type { Endpoint } from '../../endpoint.ts'
import { POOL } from './pool.ts'
import { sshAgents } from './ssh-agent.ts'
import { tcpAgent, tlsAgent } from './tcp-agent.ts'

/** What a client is built from. */
export type Transport = Docker.DockerOptions & { agent: Agent }

export interface Transports {
  quick: Transport
  /** Calls that last must not stand in the way of those that do not. */
  patient: Transport
}

/**
 * How the client reaches an endpoint. Everything is said, also what is absent: the client would otherwise take it from
 * DOCKER_HOST and its like, which may mean another engine.
 */
export function transportsTo(endpoint: Endpoint): Transports {
  if (endpoint.kind === 'ssh') {
    const { quick, patient } = sshAgents(endpoint)
    // The name in the requests' headers; where they go is for the agent to say.
    const through = (agent: Agent) => transport({ protocol: 'http', host: 'docker' }, agent)
    return { quick: through(quick), patient: through(patient) }
  }
  const direct = endpoint.kind === 'unix' ? local(endpoint.path) : overTcp(endpoint)
  return { quick: direct, patient: direct }
}

function local(socketPath: string): Transport {
  return transport({ protocol: 'http', socketPath }, new Agent(POOL))
}

function overTcp(endpoint: Endpoint & { kind: 'tcp' | 'tls' }): Transport {
  const { host, port } = endpoint
  const name = host.includes(':') ? `[${host}]` : host
  if (endpoint.kind === 'tcp') return transport({ protocol: 'http', host: name, port }, tcpAgent())
  return transport({ protocol: 'https', host: name, port }, tlsAgent(endpoint))
}

/** The client writes all it was given into a debug line for every call, read or not: of an agent that takes 40 ms. */
function transport(options: Docker.DockerOptions, agent: Agent): Transport {
  const absent = { host: undefined, port: undefined, ca: undefined, cert: undefined, key: undefined }
  return { ...absent, ...options, agent: Object.assign(agent, { [inspect.custom]: () => 'Agent' }) }
}
