import type Docker from 'dockerode'
import { StepFailed } from '../../model/errors.ts'
import { LABEL } from '../../model/labels.ts'
import type { ContainerSpec, RestartPolicy } from '../../model/stack.ts'
import type { StepArguments, Touched } from '../../model/steps.ts'
import { inspectAdopted } from './compose.ts'
import { orNull, statusOf } from './errors.ts'
import { removeFiles, volumeOfFiller } from './files.ts'
import { lookupsIn } from './lookups.ts'
import type { Mountpoints } from './mounts.ts'
import { assertOurs, type Context, isOurContainer, isOurs, LATER_NETWORKS } from './ownership.ts'
import { portHolder } from './ports.ts'
import { providerOf, sharing } from './sharing.ts'
import { createBody, endpointOf, laterNetworks, limitsOf, restartPolicyOf } from './translate.ts'

/** Beyond the grace period, for the engine to kill and to answer. */
const KILL_WITHIN_MS = 30_000
const START_WITHIN_MS = 120_000

/** Creates a container with all its networks; one that is already there with the same spec is accepted. */
export async function create(context: Context, stack: string, args: StepArguments['create']): Promise<void> {
  const own = createBody({ instance: context.instance, stack }, args, await mountpointsOf(context, args.config))
  const provider = await providerOf(args, (name) => inspectOurs(context, stack, name))
  const body = provider === undefined ? own : sharing(own, provider)
  const container = context.quick.getContainer(args.container)
  try {
    await context.quick.createContainer(body)
  } catch (error) {
    if (statusOf(error) !== 409) throw error
    assertSame(context, stack, args, await container.inspect())
  }
  await joinAll(context, await container.inspect(), laterNetworks(args))
}

/** Where another container bears the name already this is refused, whosever it is. */
export async function rename(context: Context, stack: string, args: StepArguments['rename']): Promise<void> {
  const { to } = args
  const info = await existing(context, stack, args)
  if (info.Name !== `/${to}`) await context.quick.getContainer(info.Id).rename({ name: to })
}

/** Joins a network with exactly these aliases and this address: one it is joined to otherwise is left first. */
export async function attach(context: Context, stack: string, args: StepArguments['attach']): Promise<void> {
  const info = await existing(context, stack, args)
  await detach(context, stack, args)
  await join(context, info.Id, isGated(info, args.network) ? { ...args, aliases: [] } : args)
}

/** The engine is not to know its names there. */
function isGated({ Config }: Docker.ContainerInspectInfo, network: string): boolean {
  return lookupsIn(Config.Labels)?.gated.includes(network) ?? false
}

export async function detach(context: Context, stack: string, args: StepArguments['detach']): Promise<void> {
  const info = await existing(context, stack, args)
  if (info.NetworkSettings.Networks[args.network] === undefined) return
  await orNull(context.quick.getNetwork(args.network).disconnect({ Container: info.Id, Force: true }))
}

export async function update(context: Context, stack: string, args: StepArguments['update']): Promise<void> {
  const info = await existing(context, stack, args)
  await context.quick.getContainer(info.Id).update(limitsOf(args.limits))
}

export async function start(context: Context, stack: string, args: Touched): Promise<void> {
  const info = await existing(context, stack, args)
  if (info.State.Paused) return await context.quick.getContainer(info.Id).unpause()
  if (info.State.Status === 'created') {
    const later: ContainerSpec['networks'] = JSON.parse(info.Config.Labels[LATER_NETWORKS] ?? '[]')
    await joinAll(context, info, later)
  }
  try {
    await context.patient.getContainer(info.Id).start({ abortSignal: AbortSignal.timeout(START_WITHIN_MS) })
  } catch (error) {
    if (statusOf(error) === 304) return
    const holder = await portHolder(context, info, error)
    if (holder === null) throw error
    throw new StepFailed('platform', `Cannot start ${args.container}: ${holder}`, { cause: error })
  }
}

export async function promote(context: Context, stack: string, args: StepArguments['promote']): Promise<void> {
  const info = await existing(context, stack, args)
  await setRestart(context, info.Id, args.restart)
}

export async function drain(context: Context, stack: string, args: Touched): Promise<void> {
  const info = await inspectTouched(context, stack, args)
  if (info === null) return
  await orNull(setRestart(context, info.Id, 'no'))
}

/** A paused container cannot hear the stop signal, so it is woken first. */
export async function stop(context: Context, stack: string, args: StepArguments['stop']): Promise<void> {
  const { graceMs } = args
  const info = await inspectTouched(context, stack, args)
  if (info === null || info.State.Status === 'created') return
  if (info.State.Paused) await orNull(context.quick.getContainer(info.Id).unpause())
  const abortSignal = AbortSignal.timeout(graceMs + KILL_WITHIN_MS)
  await settled(context.patient.getContainer(info.Id).stop({ t: Math.ceil(graceMs / 1000), abortSignal }))
}

/**
 * Removes a container and its anonymous volumes, which for one of Compose's may hold all its data and stay; named ones
 * stay anyway. What a cut-off filling left goes with its filler.
 */
export async function remove(context: Context, stack: string, args: Touched): Promise<void> {
  const info = await inspectTouched(context, stack, args)
  if (info === null) return
  await settled(context.quick.getContainer(info.Id).remove({ force: true, v: args.adopted === undefined }))
  if (info.Config.Labels[LABEL.role] === 'files') await removeFiles(context, stack, volumeOfFiller(args.container))
}

/** One that ends while it is updated is refused; a second try meets it ended, which is no obstacle. */
async function setRestart(context: Context, id: string, restart: RestartPolicy): Promise<void> {
  const update = () => context.quick.getContainer(id).update({ RestartPolicy: restartPolicyOf(restart) })
  await update().catch((error: unknown) => {
    if (!/stopped container|not running/i.test(String(error))) throw error
    return update()
  })
}

async function joinAll(context: Context, info: Docker.ContainerInspectInfo, networks: ContainerSpec['networks']) {
  for (const wanted of networks) {
    if (info.NetworkSettings.Networks[wanted.network] === undefined) await join(context, info.Id, wanted)
  }
}

async function join(context: Context, id: string, wanted: ContainerSpec['networks'][number]): Promise<void> {
  await context.quick.getNetwork(wanted.network).connect({ Container: id, EndpointConfig: endpointOf(wanted) })
}

function assertSame(context: Context, stack: string, args: StepArguments['create'], info: Docker.ContainerInspectInfo) {
  assertOurs(context, stack, `container (${info.Id.slice(0, 12)})`, args.container, info.Config.Labels)
  if (info.Config.Labels[LABEL.spec] === args.spec) return
  throw new StepFailed('platform', `The name ${args.container} is held by another container of this stack.`)
}

/** Every volume must be there: the engine would silently make an empty one in its place. */
async function mountpointsOf(context: Context, config: ContainerSpec): Promise<Mountpoints> {
  const found: Mountpoints = {}
  for (const mount of config.mounts) {
    if (!('volume' in mount)) continue
    const volume = await orNull(context.quick.getVolume(mount.volume).inspect())
    if (volume === null) throw new StepFailed('platform', `The volume ${mount.volume} does not exist.`)
    found[mount.volume] = volume.Mountpoint
  }
  return found
}

async function existing(context: Context, stack: string, args: Touched): Promise<Docker.ContainerInspectInfo> {
  const info = await inspectTouched(context, stack, args)
  if (info === null) throw new StepFailed('platform', `The container ${args.container} is gone: somebody removed it.`)
  return info
}

/** Ours by its name; one of Compose's only when the step says so, by its id. */
function inspectTouched(context: Context, stack: string, { container, adopted }: Touched) {
  if (adopted !== undefined) return inspectAdopted(context, stack, container, adopted)
  return inspectOurs(context, stack, container)
}

async function inspectOurs(context: Context, stack: string, name: string): Promise<Docker.ContainerInspectInfo | null> {
  const named = await orNull(context.quick.getContainer(name).inspect())
  if (named !== null && isOurs(context.instance, stack, name, named.Config.Labels)) return named
  const renamed = await inspectRenamed(context, stack, name)
  if (renamed === null && named !== null) assertOurs(context, stack, 'container', name, named.Config.Labels)
  return renamed
}

/** One that bears the name of its `container_name` is found by the label that holds its own. */
async function inspectRenamed(context: Context, stack: string, name: string) {
  const listed = await context.quick.listContainers({ all: true, filters: { label: [`${LABEL.name}=${name}`] } })
  const found = listed.find(({ Names, Labels }) =>
    isOurContainer(context.instance, stack, (Names[0] ?? '').slice(1), Labels),
  )
  return found === undefined ? null : await orNull(context.quick.getContainer(found.Id).inspect())
}

/** Already so (304), already gone (404) and already under way (409, removal) are no failures. */
async function settled(call: Promise<unknown>): Promise<void> {
  try {
    await orNull(call)
  } catch (error) {
    const underWay = statusOf(error) === 409 && /already in progress/.test(String(error))
    if (statusOf(error) !== 304 && !underWay) throw error
  }
}
