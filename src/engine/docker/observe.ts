import type Docker from 'dockerode'
import { LABEL } from '../../model/labels.ts'
import type {
  Observed,
  ObservedContainer,
  ObservedNetwork,
  ObservedResource,
  ObservedVolume,
  Query,
  TakenPort,
} from '../../model/observed.ts'
import type { Subnet } from '../../model/stack.ts'
import { fromCompose, isOfProject } from './compose.ts'
import { orNull } from './errors.ts'
import { fillerOf } from './files.ts'
import { fromInspect } from './inspect.ts'
import { stableMark } from './mark.ts'
import { type Context, isOurContainer, isOurs } from './ownership.ts'
import { hostRoutes } from './routes.ts'

const AT_ONCE = 8

/** Looks at one stack: one listing of each kind, then a closer look at each container of ours. */
export async function observe(context: Context, query: Query): Promise<Omit<Observed, 'happened' | 'watch'>> {
  const [{ containers, compose, takenNames, takenPorts }, { networks, subnets }, volumes, images, mark] =
    await Promise.all([
      observeContainers(context, query),
      observeNetworks(context, query),
      observeVolumes(context, query),
      presentImages(context, query.images),
      stableMark(context, query.stack),
    ])
  const filling = new Set(containers.filter(({ role }) => role === 'files').map(({ name }) => name))
  return {
    containers,
    compose,
    takenNames,
    takenPorts,
    networks,
    subnets,
    // A volume that is still being filled, or whose filling was cut off, does not count as there.
    volumes: volumes.filter(({ name }) => !filling.has(fillerOf(name))),
    images,
    stableMark: mark,
  }
}

async function observeContainers(
  context: Context,
  { stack, names = [] }: Query,
): Promise<Pick<Observed, 'containers' | 'compose' | 'takenNames' | 'takenPorts'>> {
  const [found, networks] = await Promise.all([
    context.quick.listContainers({ all: true }),
    context.quick.listNetworks(),
  ])
  const listed = found.map((info) => ({ ...info, name: nameOf(info.Names) }))
  const ids = new Set(networks.map(({ Id }) => Id))
  const ours = listed.filter(({ name, Labels }) => isOurContainer(context.instance, stack, name, Labels))
  const foreign = listed.filter((info) => !ours.includes(info))
  const ofCompose = foreign.filter(({ Labels }) => isOfProject(stack, Labels))
  const inspected = await eachOf([...ours, ...ofCompose], AT_ONCE, ({ Id }) =>
    orNull(context.quick.getContainer(Id).inspect()),
  )
  // One that vanished in between is skipped.
  const seen = (parts: typeof inspected, shape: typeof fromInspect) =>
    parts.flatMap((info): ObservedContainer[] => (info === null ? [] : [shape(info, ids)])).sort(byName)
  return {
    containers: seen(inspected.slice(0, ours.length), fromInspect),
    compose: seen(inspected.slice(ours.length), fromCompose),
    takenNames: foreign
      .map(({ name }) => name)
      .filter((name) => name.startsWith(`${stack}-`) || names.includes(name))
      .sort(),
    takenPorts: foreign.flatMap(({ name, Ports }) => portsOf(name, Ports)),
  }
}

/** Only those that are really held: the engine lists them while the container runs. */
function portsOf(holder: string, ports: Docker.Port[]): TakenPort[] {
  return ports.flatMap(({ IP, PublicPort, Type }) => {
    if (PublicPort === undefined || (Type !== 'tcp' && Type !== 'udp')) return []
    return [{ address: IP ?? '', published: PublicPort, protocol: Type, holder }]
  })
}

async function observeNetworks(context: Context, query: Query): Promise<Pick<Observed, 'networks' | 'subnets'>> {
  const [listed, routes] = await Promise.all([context.quick.listNetworks(), context.isHere ? hostRoutes() : []])
  const subnetOf = (name: string) => subnetIn(listed.find(({ Name }) => Name === name)?.IPAM)
  const networks = resources(context, query.stack, query.networks, listed).map((found): ObservedNetwork => {
    return { ...found, subnet: subnetOf(found.name) }
  })
  const subnets = listed.flatMap(({ IPAM }) => (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []))
  return { networks, subnets: [...new Set([...subnets, ...routes])].sort() }
}

/** The IPv4 part, as the engine keeps it. */
function subnetIn(ipam: Docker.NetworkInspectInfo['IPAM']): Subnet | null {
  const found = ipam?.Config?.find(({ Subnet }) => Subnet !== undefined && !Subnet.includes(':'))
  if (found?.Subnet === undefined) return null
  return {
    subnet: found.Subnet,
    ...(found.IPRange ? { range: found.IPRange } : {}),
    ...(found.Gateway ? { gateway: found.Gateway } : {}),
  }
}

async function observeVolumes(context: Context, query: Query): Promise<ObservedVolume[]> {
  const { Volumes } = await context.quick.listVolumes()
  const listed = Volumes ?? []
  const files = new Set(listed.filter(({ Labels }) => Labels?.[LABEL.role] === 'files').map(({ Name }) => Name))
  return resources(context, query.stack, query.volumes, listed).map((found) => ({
    ...found,
    files: files.has(found.name),
  }))
}

function resources(
  context: Context,
  stack: string,
  asked: string[],
  listed: { Name: string; Labels?: Record<string, string> | null | undefined }[],
): ObservedResource[] {
  return listed
    .map(({ Name, Labels }): ObservedResource => {
      if (isOurs(context.instance, stack, Name, Labels)) return { name: Name, ours: true }
      return { name: Name, ours: false, ...(Labels?.[LABEL.instance] === undefined ? {} : { ofAnother: true }) }
    })
    .filter(({ name, ours }) => ours || asked.includes(name))
    .sort(byName)
}

async function presentImages(context: Context, references: string[]): Promise<string[]> {
  const found = await eachOf(references, AT_ONCE, (reference) => orNull(context.quick.getImage(reference).inspect()))
  return references.filter((_, index) => found[index] !== null)
}

/** Without the leading slash; old-style links add further names with two. */
function nameOf(names: string[]): string {
  return (names.find((name) => name.lastIndexOf('/') === 0) ?? '').slice(1)
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1
}

async function eachOf<T, R>(items: T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let start = 0; start < items.length; start += atOnce) {
    results.push(...(await Promise.all(items.slice(start, start + atOnce).map(work))))
  }
  return results
}
