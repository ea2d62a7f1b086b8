import Docker from 'dockerode'
import { openConnection } from '../../src/engine/docker/client.ts'
import { openCredentials } from '../../src/engine/docker/credentials/credentials.ts'
import type { PullContext } from '../../src/engine/docker/pull.ts'
import { type Gateway, openGateway } from '../../src/engine/docker/traffic/gateway.ts'
import type { Entry, Listing } from '../../src/model/traffic.ts'
import type { GatewaySettings } from '../../src/traffic/settings.ts'
import { freePort } from './port.ts'
import { ensureTrafficImage } from './traffic-image.ts'

/** A gateway of a test's own, and short words for what tests do with it. */
export interface GatewayBench {
  gateway: Gateway
  /** The container's name. */
  name: string
  docker: Docker
  settings: GatewaySettings
  context(stack?: string): PullContext & { stack: string }
  expose(entries: Entry[], certificates?: Record<string, string>, stack?: string): Promise<void>
  /** Requests for the container, or nothing for null. */
  set(container: string, requests: Listing['requests'] | null, stack?: string): Promise<void>
  look(stack?: string): ReturnType<Gateway['observe']>
  exec(...command: string[]): Promise<string>
  clear(): Promise<void>
}

export async function startGateway(
  socketPath: string,
  instance: string,
  change: Partial<GatewaySettings> = {},
): Promise<GatewayBench> {
  const image = await ensureTrafficImage(socketPath)
  const docker = new Docker({ socketPath })
  const settings = { httpPort: await freePort(), httpsPort: await freePort(), trustedProxies: [], ...change }
  const gateway = openGateway({ image, ...settings })
  const client = await openConnection({ kind: 'unix', path: socketPath }).client()
  const limits = { pullTimeoutMs: 10_000, resolveTimeoutMs: 10_000 }
  const credentials = openCredentials(null)
  const context = (stack = 'shop') => {
    return { ...client, ...limits, instance, isHere: true, traffic: null, credentials, stack }
  }
  const name = `holdfast-${instance}-gateway`
  await gateway.run(context())
  return {
    gateway,
    name,
    docker,
    settings,
    context,
    expose: (entries, certificates = {}, stack) => gateway.expose(context(stack), { entries, certificates }),
    set: (container, requests, stack) => gateway.set(context(stack), container, requests),
    look: (stack = 'shop') => gateway.observe(context(stack), stack),
    async exec(...command) {
      const made = await docker
        .getContainer(name)
        .exec({ Cmd: command, AttachStdout: true, AttachStderr: true, Tty: true })
      const stream = await made.start({ Tty: true })
      const pieces: Buffer[] = []
      for await (const chunk of stream) pieces.push(Buffer.from(chunk))
      return Buffer.concat(pieces).toString()
    },
    async clear() {
      await docker.getContainer(name).remove({ force: true })
      await docker.getVolume(name).remove()
    },
  }
}

/** An entry at a port of every address, or of the one given. */
export function portEntry(port: number, change: Partial<Entry> & { address?: string } = {}): Entry {
  const { address = '', ...others } = change
  const name = address === '' ? `${port}` : `${address}:${port}`
  return { name, service: 'web', at: { kind: 'port', address, port }, speaks: 'auto', ...others }
}
