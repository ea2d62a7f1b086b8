import { StepFailed } from '../../../model/errors.ts'
import type { StepArguments } from '../../../model/steps.ts'
import type { ObservedTraffic } from '../../../model/traffic.ts'
import type { TrafficOptions } from '../../traffic.ts'
import type { Context } from '../ownership.ts'

/** With the stack that a step is about. */
type StackContext = Context & { stack: string }

/** The gateway and the names of one target, in two containers of ours that all its stacks share. */
export interface Traffic {
  observe(context: Context, stack: string): Promise<ObservedTraffic>
  runGateway(context: Context): Promise<void>
  runNames(context: Context): Promise<void>
  joinNames(context: Context, args: StepArguments['join-names']): Promise<void>
  expose(context: StackContext, args: StepArguments['expose']): Promise<void>
  admit(context: StackContext, args: StepArguments['admit']): Promise<void>
  withdraw(context: StackContext, container: string): Promise<void>
}

export function openTraffic(_options: TrafficOptions): Traffic {
  const later = async () => {
    throw new StepFailed('platform', 'not yet')
  }
  return {
    observe: later,
    runGateway: later,
    runNames: later,
    joinNames: later,
    expose: later,
    admit: later,
    withdraw: later,
  }
}
