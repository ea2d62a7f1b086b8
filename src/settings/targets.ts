import { homedir } from 'node:os'
import { join, posix } from 'node:path'
import { type EndpointSettings, parseEndpoint } from '../engine/endpoint.ts'
import { HoldfastError, reasonOf } from '../model/errors.ts'
import type { Flags } from './flags.ts'
import type { Layers } from './layers.ts'
import type { TargetFile } from './schema.generated.ts'
import type { TargetSettings } from './settings.ts'
import { trafficOf } from './traffic.ts'

const LOCAL_ENGINE = 'unix:///var/run/docker.sock'
/** How the settings name the one that has the empty name elsewhere. */
const DEFAULT_TARGET = 'default'

/**
 * Where each target is and what it means for manifests. The default one, with the empty name, is there when it was
 * named, or when no other was. Throws a HoldfastError for what cannot be used.
 */
export function targetsOf(flags: Flags, layers: Layers, env: NodeJS.ProcessEnv): Record<string, TargetSettings> {
  const { default: fallback, ...inFile } = layers.value.targets ?? {}
  const onLine = (flags.target ?? []).map(parseTarget)
  refuseTwice(onLine)
  const named = { ...inFile, ...Object.fromEntries(onLine) }
  const isAlone = Object.keys(named).length === 0
  const engine = flags.engine || fallback?.engine || env['DOCKER_HOST'] || (isAlone || fallback ? LOCAL_ENGINE : null)
  const all = engine === null ? named : { [DEFAULT_TARGET]: { ...fallback, engine }, ...named }
  const beside = besideOf(flags, env)
  return Object.fromEntries(
    Object.entries(all).map(([name, target]) => {
      return [name === DEFAULT_TARGET ? '' : name, targetOf(name, target, beside, layers)]
    }),
  )
}

function targetOf(name: string, target: TargetFile, beside: EndpointSettings, layers: Layers): TargetSettings {
  const bindRoot = target.bindRoot ?? layers.value.bindRoot
  const where = target.bindRoot === undefined ? ['bindRoot'] : ['targets', name, 'bindRoot']
  const env = Object.entries(target.env ?? {}).map(([key, value]) => [key, String(value)])
  return {
    endpoint: endpointOf(name, target, beside, layers),
    traffic: trafficOf(name, target, layers),
    ...(bindRoot === undefined ? {} : { bindRoot: bindRootOf(bindRoot, where, layers) }),
    ...(env.length === 0 ? {} : { env: Object.fromEntries(env) }),
  }
}

function endpointOf(name: string, target: TargetFile, beside: EndpointSettings, { refuse }: Layers) {
  const own = { certificates: target.tlsDir, sshKey: target.sshKeyFile, knownHosts: target.knownHostsFile }
  const known = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined))
  if (target.engine === undefined)
    throw refuse(['targets', name], `The target ${name} names no engine. Give it \`engine\`.`)
  try {
    return parseEndpoint(target.engine, { ...beside, ...known })
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error
    throw refuse(['targets', name, 'engine'], reasonOf(error), error)
  }
}

/** DOCKER_TLS_VERIFY and DOCKER_CERT_PATH mean what they mean to `docker`. */
function besideOf({ engineTls, sshKey, sshKnownHosts }: Flags, env: NodeJS.ProcessEnv): EndpointSettings {
  const asDocker = env['DOCKER_TLS_VERIFY'] ? env['DOCKER_CERT_PATH'] || join(homedir(), '.docker') : undefined
  return { certificates: engineTls || asDocker, sshKey, knownHosts: sshKnownHosts, agent: env['SSH_AUTH_SOCK'] }
}

function parseTarget(text: string): [string, TargetFile] {
  const [, name, engine] = /^([a-z0-9][a-z0-9-]*)=(.+)$/.exec(text) ?? []
  if (name !== undefined && engine !== undefined) return [name, { engine }]
  const form = 'A target is written name=endpoint, the name of a-z, 0-9 and -'
  throw new HoldfastError('terminal', `"${text}" is no target. ${form}: --target web=ssh://user@host`)
}

function refuseTwice(targets: [string, TargetFile][]): void {
  const twice = targets.find(([name], index) => targets.findIndex(([other]) => other === name) !== index)
  if (!twice) return
  throw new HoldfastError('terminal', `The target ${twice[0]} is named twice. Give each one a name of its own.`)
}

function bindRootOf(folder: string, path: string[], { refuse }: Layers): string {
  if (folder.startsWith('/')) return posix.normalize(folder)
  const text = `The folder "${folder}" is not absolute, and it lies on the engine's host.`
  throw refuse(path, `${text} Give --bind-root or \`bindRoot\` a path that starts with /.`)
}
