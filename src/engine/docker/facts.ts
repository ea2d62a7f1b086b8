import { statfs } from 'node:fs/promises'
import { LABEL } from '../../model/labels.ts'
import type { EngineFacts } from '../facts.ts'
import { type Client, openConnection } from './client.ts'
import type { DockerOptions } from './docker.ts'
import { explainer } from './explain.ts'
import { subnetsOf } from './listings.ts'
import { hostRoutes } from './routes.ts'

interface Info {
  OperatingSystem?: string
  SecurityOptions?: string[] | null
  SystemTime?: string
  IPv4Forwarding?: boolean
  Warnings?: string[] | null
  DockerRootDir?: string
}

/** Asks an engine about itself. Rejects with a HoldfastError that names the next command when it cannot be asked. */
export async function engineFacts(options: DockerOptions): Promise<EngineFacts> {
  const { endpoint = { kind: 'unix', path: options.socketPath ?? '/var/run/docker.sock' } } = options
  const connection = openConnection(endpoint)
  const client = await connection.client()
  const isHere = endpoint.kind === 'unix'
  try {
    const asked = Date.now()
    const info: Info = await client.quick.info()
    const between = (asked + Date.now()) / 2
    const dataFolder = info.DockerRootDir ?? ''
    return {
      ...client.about,
      kind: kindOf(info),
      aheadMs: info.SystemTime === undefined ? 0 : Date.parse(info.SystemTime) - between,
      forwards: info.IPv4Forwarding !== false,
      warnings: info.Warnings ?? [],
      freeBytes: isHere ? await freeBytes(dataFolder) : null,
      dataFolder,
      taken: await taken(client, options.instance, isHere),
    }
  } catch (error) {
    throw explainer(endpoint, connection)('Cannot ask the engine about itself', error)
  }
}

function kindOf({ OperatingSystem, SecurityOptions }: Info): EngineFacts['kind'] {
  if (OperatingSystem === 'Docker Desktop') return 'desktop'
  return SecurityOptions?.some((option) => option.includes('name=rootless')) ? 'rootless' : 'plain'
}

/** An engine inside of a virtual machine says a folder that is not on this one. */
async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch {
    return null
  }
}

/** Subnets of networks that are not ours, and where this machine has other ways to. */
async function taken(client: Client, instance: string, isHere: boolean): Promise<string[]> {
  const [networks, routes] = await Promise.all([client.listings.networks(), isHere ? hostRoutes() : []])
  const isOurs = ({ Labels }: (typeof networks)[number]) => Labels?.[LABEL.instance] === instance
  const ours = subnetsOf(networks.filter(isOurs))
  const others = [...subnetsOf(networks.filter((network) => !isOurs(network))), ...routes]
  return [...new Set(others)].filter((subnet) => !subnet.includes(':') && !ours.includes(subnet)).sort()
}
