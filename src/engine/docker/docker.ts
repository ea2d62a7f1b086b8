import type { Endpoint } from '../endpoint.ts'
import type { Engine } from '../engine.ts'
import type { TrafficOptions } from '../traffic.ts'
import { openConnection } from './client.ts'
import { openContinuity } from './continuity.ts'
import { openCredentials } from './credentials/credentials.ts'
import { follow } from './events.ts'
import { explainer } from './explain.ts'
import { resolve } from './images.ts'
import { logsOf } from './logs.ts'
import { observe } from './observe.ts'
import { execute } from './steps.ts'
import { openTraffic } from './traffic/traffic.ts'

export interface DockerOptions {
  /** How the engine is reached; its socket on this machine when absent. */
  endpoint?: Endpoint
  /** Short for the endpoint of a unix socket. */
  socketPath?: string
  /** Id of this Holdfast; objects of other instances are foreign. Lower-case letters and digits. */
  instance: string
  /** Folder with Docker's `config.json`, which says how to log in to registries; without it nobody logs in. */
  dockerConfig?: string
  /** Longest time a pull may go without any progress. */
  pullTimeoutMs?: number
  /** Longest time a registry may take to say which digest a tag has. */
  resolveTimeoutMs?: number
  /** The gateway and the names; without it the target has none. */
  traffic?: TrafficOptions | null
}

/** A Docker engine, 20.10 or newer, as a target. Connects on first use, and anew when the engine comes back. */
export function dockerEngine(options: DockerOptions): Engine {
  const { instance, socketPath = '/var/run/docker.sock', pullTimeoutMs = 300_000, resolveTimeoutMs = 30_000 } = options
  const { endpoint = { kind: 'unix', path: socketPath } } = options
  const connection = openConnection(endpoint)
  const continuity = openContinuity()
  const credentials = openCredentials(options.dockerConfig ?? null)
  const traffic = options.traffic ? openTraffic(options.traffic) : null
  const settings = { instance, credentials, traffic, isHere: endpoint.kind === 'unix', pullTimeoutMs, resolveTimeoutMs }
  const context = async () => ({ ...(await connection.client()), ...settings })
  const explain = explainer(endpoint, connection)
  const saying = <T>(what: string, work: () => Promise<T>) =>
    work().catch((error: unknown): never => {
      throw explain(what, error)
    })
  return {
    isHere: settings.isHere,
    observe: (query) =>
      saying(`Cannot look at the stack ${query.stack}`, async () => {
        // Named before the look: a break during it must not go unnoticed.
        const watch = continuity.name()
        return { ...(await observe(await context(), query)), watch }
      }),
    execute: async (step, tell = () => {}) =>
      saying(`Cannot ${step.kind} ${step.resource}`, async () => execute(await context(), step, tell)),
    resolve: (image, pull) => saying(`Cannot resolve ${image}`, async () => resolve(await context(), image, pull)),
    logs: (name, lines) => saying(`Cannot read the log of ${name}`, async () => logsOf(await context(), name, lines)),
    traffic: () =>
      saying('Cannot ask the gateway and the names', async () => (await traffic?.report(await context())) ?? null),
    watch: (listener, signal) => void follow(connection.client, instance, continuity, listener, signal),
    about: async () => (await connection.anew()).about,
  }
}
