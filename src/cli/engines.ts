import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Endpoint, type EndpointSettings, parseEndpoint } from '../engine/endpoint.ts'
import { type Engines, enginesOf } from '../engine/engines.ts'
import { HoldfastError } from '../model/errors.ts'
import type { Adapters } from './adapters.ts'
import { engineOptionsOf, type Settings } from './options.ts'

/** The engines that the settings name, none of them asked yet. Throws a HoldfastError for an address that is none. */
export function openEngines(settings: Settings, adapters: Adapters): Engines {
  const options = engineOptionsOf(settings)
  const open = ([name, endpoint]: [string, Endpoint]) => [name, adapters.openEngine({ ...options, endpoint })] as const
  return enginesOf(Object.fromEntries(Object.entries(endpointsOf(settings)).map(open)))
}

/** Rejects with a HoldfastError when not one of the engines can be reached. */
export async function reachAny(engines: Engines): Promise<void> {
  const asked = engines.names().map((name) => engines.of(name).about())
  await Promise.any(asked).catch(({ errors }: AggregateError) => {
    throw errors[0]
  })
}

/**
 * Where each target is, by name. The default one, with the empty name, is there when it was named, or when no other was.
 */
export function endpointsOf(settings: Settings, env: NodeJS.ProcessEnv = process.env): Record<string, Endpoint> {
  const beside = besideOf(settings, env)
  const targets = (settings.target ?? []).map((text) => targetOf(text, beside))
  const twice = targets.find(([name], index) => targets.findIndex(([other]) => other === name) !== index)
  if (twice)
    throw new HoldfastError('terminal', `The target ${twice[0]} is named twice. Give each one a name of its own.`)
  const address = settings.engine || env['DOCKER_HOST'] || (targets.length === 0 ? 'unix:///var/run/docker.sock' : null)
  const fallback: [string, Endpoint][] = address === null ? [] : [['', parseEndpoint(address, beside)]]
  return Object.fromEntries([...fallback, ...targets])
}

/** DOCKER_TLS_VERIFY and DOCKER_CERT_PATH mean what they mean to `docker`. */
function besideOf({ engineTls, sshKey, sshKnownHosts }: Settings, env: NodeJS.ProcessEnv): EndpointSettings {
  const asDocker = env['DOCKER_TLS_VERIFY'] ? env['DOCKER_CERT_PATH'] || join(homedir(), '.docker') : undefined
  return { certificates: engineTls || asDocker, sshKey, knownHosts: sshKnownHosts, agent: env['SSH_AUTH_SOCK'] }
}

function targetOf(text: string, beside: EndpointSettings): [string, Endpoint] {
  const [, name, address] = /^([a-z0-9][a-z0-9-]*)=(.+)$/.exec(text) ?? []
  if (name !== undefined && address !== undefined) return [name, parseEndpoint(address, beside)]
  const form = 'A target is written name=endpoint, the name of a-z, 0-9 and -'
  throw new HoldfastError('terminal', `"${text}" is no target. ${form}: --target web=ssh://user@host`)
}
