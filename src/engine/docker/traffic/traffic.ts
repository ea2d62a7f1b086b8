import type { StepArguments } from '../../../model/steps.ts'
import type { Listing, ObservedTraffic, TrafficReport } from '../../../model/traffic.ts'
import type { TrafficOptions } from '../../traffic.ts'
import type { Context } from '../ownership.ts'
import type { PullContext } from '../pull.ts'
import { openGateway } from './gateway.ts'
import { openNames } from './names.ts'

/** With the stack that a step is about. */
type StackContext = Context & { stack: string }

/** The gateway and the names of one target, in two containers of ours that all its stacks share. */
export interface Traffic {
  observe(context: Context, stack: string): Promise<ObservedTraffic>
  report(context: Context): Promise<TrafficReport>
  runGateway(context: PullContext): Promise<void>
  runNames(context: PullContext): Promise<void>
  joinNames(context: Context, args: StepArguments['join-names']): Promise<void>
  /** So that the network can be removed. */
  leaveNetwork(context: Context, network: string): Promise<void>
  expose(context: StackContext, args: StepArguments['expose']): Promise<void>
  admit(context: StackContext, args: StepArguments['admit']): Promise<void>
  withdraw(context: StackContext, container: string): Promise<void>
}

export function openTraffic(options: TrafficOptions): Traffic {
  const gateway = openGateway(options)
  const names = openNames(options)
  return {
    async observe(context, stack) {
      const [shown, known] = await Promise.all([gateway.observe(context, stack), names.observe(context, stack)])
      return {
        gateway: shown.running,
        names: known.running,
        entries: shown.entries,
        listed: listings(shown.listed, known.listed),
        reached: shown.reached,
        joined: known.joined,
        takenEntries: shown.takenEntries,
      }
    },
    async report(context) {
      const [shown, known] = await Promise.all([gateway.report(context), names.report(context)])
      return { gateway: shown, names: known }
    },
    runGateway: gateway.run,
    runNames: names.run,
    joinNames: names.join,
    leaveNetwork: names.leave,
    expose: gateway.expose,
    async admit(context, { container, listing }) {
      // Who asks for its name may be asked something in return: it is first found where requests come from.
      await gateway.set(context, container, listing.requests)
      await names.set(context, container, listing.names)
    },
    async withdraw(context, container) {
      await Promise.all([gateway.set(context, container, null), names.set(context, container, null)])
    },
  }
}

/** What leads to each container, through the one and through the other. */
function listings(
  requests: Record<string, Listing['requests']>,
  names: Record<string, Listing['names']>,
): Record<string, Listing> {
  const containers = [...new Set([...Object.keys(requests), ...Object.keys(names)])].sort()
  return Object.fromEntries(
    containers.map((container) => [container, { requests: requests[container] ?? {}, names: names[container] ?? {} }]),
  )
}
