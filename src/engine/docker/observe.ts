import type Docker from 'dockerode'
import { EMPTY_IMAGE } from '../../model/fields.ts'
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
import { unlimitable } from './abilities.ts'
import { fromCompose, isOfProject } from './compose.ts'
import { orNull } from './errors.ts'
import { BY_IMAGE, fieldsOf } from './fields.ts'
import { fillerOf } from './files.ts'
import { imageConfig } from './image-config.ts'
import { fromInspect } from './inspect.ts'
import { subnetsOf } from './listings.ts'
import { stableMark } from './mark.ts'
import { type Context, isOurContainer, isOurs } from './ownership.ts'
import { hostRoutes } from './routes.ts'

const AT_ONCE = 8

/** Looks at one stack: one listing of each kind, then a closer look at each container of ours. */
export async function observe(context: Context, query: Query): Promise<Omit<Observed, 'happened' | 'watch'>> {
  const [{ containers, compose, takenNames, takenPorts }, { networks, subnets }, volumes, images, mark, traffic] =
    await Promise.all([
      observeContainers(context, query),
      observeNetworks(context, query),
      observeVolumes(context, query),
      presentImages(context, query.images),
      stableMark(context, query.stack),
      context.traffic?.observe(context, query.stack) ?? null,
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
    traffic,
  }
}

async function observeContainers(
  context: Context,
  { stack, names = [] }: Query,
): Promise<Pick<Observed, 'containers' | 'compose' | 'takenNames' | 'takenPorts'>> {
  const [found, networks] = await Promise.all([context.listings.containers(), context.listings.networks()])
  const listed = found.map((info) => ({ ...info, name: nameOf(info.Names) }))
  const ids = new Set(networks.map(({ Id }) => Id))
  const ours = listed.filter(({ name, Labels }) => isOurContainer(context.instance, stack, name, Labels))
  const foreign = listed.filter((info) => !ours.includes(info))
  const ofCompose = foreign.filter(({ Labels }) => isOfProject(stack, Labels))
  // One that vanished in between is skipped.
  const seen = async (listed: typeof ours, shape: typeof fromInspect) =>
    (await eachOf(listed, AT_ONCE, ({ Id }) => inspect(context, Id, ids, shape)))
      .flatMap((one) => one ?? [])
      .sort(byName)
  return {
    containers: await seen(ours, fromInspect),
    compose: await seen(ofCompose, fromCompose),
    takenNames: foreign
      .map(({ name }) => name)
      .filter((name) => name.startsWith(`${stack}-`) || names.includes(name))
      .sort(),
    takenPorts: foreign.flatMap(({ name, Ports }) => portsOf(name, Ports)),
  }
}

async function inspect(
  context: Context,
  id: string,
  networks: ReadonlySet<string>,
  shape: typeof fromInspect,
): Promise<ObservedContainer | null> {
  const [info, hidden] = await Promise.all([orNull(context.quick.getContainer(id).inspect()), unlimitable(context)])
  if (info === null) return null
  const image = await imageConfig(context, info.Image)
  const fields = fieldsOf(info, image === null ? [...hidden, ...BY_IMAGE] : hidden)
  return shape(info, networks, { fields, imageConfig: image ?? EMPTY_IMAGE })
}

/** Only those that are really held: the engine lists them while the container runs. */
function portsOf(holder: string, ports: Docker.Port[] | null): TakenPort[] {
  return (ports ?? []).flatMap(({ IP, PublicPort, Type }) => {
    if (PublicPort === undefined || (Type !== 'tcp' && Type !== 'udp')) return []
    return [{ address: IP ?? '', published: PublicPort, protocol: Type, holder }]
  })
}

async function observeNetworks(context: Context, query: Query): Promise<Pick<Observed, 'networks' | 'subnets'>> {
  const [listed, routes] = await Promise.all([context.listings.networks(), context.isHere ? hostRoutes() : []])
  const subnetOf = (name: string) => subnetIn(listed.find(({ Name }) => Name === name)?.IPAM)
  const networks = resources(context, query.stack, query.networks, listed).map((found): ObservedNetwork => {
    return { ...found, subnet: subnetOf(found.name) }
  })
  return { networks, subnets: [...new Set([...subnetsOf(listed), ...routes])].sort() }
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
  const listed = await context.listings.volumes()
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
  listed: readonly { Name: string; Labels?: Record<string, string> | null | undefined }[],
): ObservedResource[] {
  return listed
    .map(({ Name, Labels }): ObservedResource => {
      if (isOurs(context.instance, stack, Name, Labels)) return { name: Name, ours: true }
      return { name: Name, ours: false, ...(Labels?.[LABEL.instance] === undefined ? {} : { ofAnother: true }) }
    })
    .filter(({ name, ours }) => ours || asked.includes(name))
    .sort(byName)
}

/** The engine may list an image by a shorter name than it was asked for by: only a closer look tells that it is not there. */
async function presentImages(context: Context, references: string[]): Promise<string[]> {
  const listed = new Set(
    (await context.listings.images()).flatMap(({ Id, RepoDigests }) => [Id, ...(RepoDigests ?? [])]),
  )
  const found = await eachOf(references, AT_ONCE, async (reference) => {
    return listed.has(reference) || (await orNull(context.quick.getImage(reference).inspect())) !== null
  })
  return references.filter((_, index) => found[index])
}

/** Without the leading slash; old-style links add further names with two. */
export function nameOf(names: string[]): string {
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
