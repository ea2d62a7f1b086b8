import type Docker from 'dockerode'
import { orNull } from '../errors.ts'
import type { Context } from '../ownership.ts'
import { findNetwork } from '../resources.ts'
import { assertShared, sharedLabels } from './container.ts'

/** The names' own network: from it they ask others. */
export function homeOf(instance: string): string {
  return `holdfast-${instance}`
}

export async function ensureHome(context: Context): Promise<void> {
  const name = homeOf(context.instance)
  const found = await findNetwork(context, name)
  if (found !== null) return assertShared(context, 'network', 'names', name, found.Labels)
  const Labels = sharedLabels(context.instance, 'names', name)
  await context.quick.createNetwork({ Name: name, Driver: 'bridge', CheckDuplicate: true, Labels })
}

/** Joins the container to a network at this address: one that it has otherwise is given up. */
export async function joinNetwork(
  { quick }: Context,
  container: string,
  network: string,
  address: string,
): Promise<void> {
  const info = await quick.getContainer(container).inspect()
  if (info.NetworkSettings.Networks[network]?.IPAMConfig?.IPv4Address === address) return
  await leaveNetwork({ quick }, info, network)
  try {
    const EndpointConfig = { IPAMConfig: { IPv4Address: address } }
    await quick.getNetwork(network).connect({ Container: info.Id, EndpointConfig })
  } catch (error) {
    // Somebody else let it join in between.
    if (!/already exists in network/.test(String(error))) throw error
  }
}

export async function leaveNetwork(
  { quick }: Pick<Context, 'quick'>,
  info: Docker.ContainerInspectInfo,
  network: string,
): Promise<void> {
  if (info.NetworkSettings.Networks[network] === undefined) return
  await orNull(quick.getNetwork(network).disconnect({ Container: info.Id, Force: true }))
}
