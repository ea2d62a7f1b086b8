import type { Subnet } from '../../model/stack.ts'
import type { StepArguments } from '../../model/steps.ts'
import { orNull } from './errors.ts'
import { assertOurs, type Context, ownLabels } from './ownership.ts'

export async function createNetwork(
  context: Context,
  stack: string,
  { network: name, internal, subnet }: StepArguments['create-network'],
): Promise<void> {
  const found = await findNetwork(context, name)
  if (found !== null) return assertOurs(context, stack, 'network', name, found.Labels)
  await context.quick.createNetwork({
    Name: name,
    Driver: 'bridge',
    Internal: internal,
    ...(subnet === undefined ? {} : { IPAM: { Driver: 'default', Config: [ipamOf(subnet)] } }),
    Labels: ownLabels(context.instance, stack, name),
  })
}

function ipamOf({ subnet, range, gateway }: Subnet) {
  return {
    Subnet: subnet,
    ...(range === undefined ? {} : { IPRange: range }),
    ...(gateway === undefined ? {} : { Gateway: gateway }),
  }
}

export async function removeNetwork(context: Context, stack: string, name: string): Promise<void> {
  const found = await findNetwork(context, name)
  if (found === null) return
  assertOurs(context, stack, 'network', name, found.Labels)
  await context.traffic?.leaveNetwork(context, name)
  await orNull(context.quick.getNetwork(found.Id).remove())
}

export async function createVolume(context: Context, stack: string, name: string): Promise<void> {
  const found = await orNull(context.quick.getVolume(name).inspect())
  if (found !== null) return assertOurs(context, stack, 'volume', name, found.Labels)
  await context.quick.createVolume({ Name: name, Labels: ownLabels(context.instance, stack, name) })
}

/** Asking by name would also match the start of an id. */
export async function findNetwork({ quick }: Pick<Context, 'quick'>, name: string) {
  const listed = await quick.listNetworks({ filters: { name: [name] } })
  return listed.find((network) => network.Name === name) ?? null
}
