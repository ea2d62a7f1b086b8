import { StepFailed } from '../../model/errors.ts'
import type { Step, StepArguments, StepKind } from '../../model/steps.ts'
import { attach, create, detach, drain, promote, remove, rename, start, stop, update } from './containers.ts'
import { failed } from './errors.ts'
import { createFiles, removeFiles } from './files.ts'
import { clearMark, markStable } from './mark.ts'
import { type PullContext, pull } from './pull.ts'
import { createNetwork, createVolume, removeNetwork } from './resources.ts'
import type { Traffic } from './traffic/traffic.ts'

interface StepContext extends PullContext {
  stack: string
  tell(progress: string): void
}

/** One executor for each kind of step: a forgotten one does not compile. */
type Executors = { [Kind in StepKind]: (context: StepContext, args: StepArguments[Kind]) => Promise<void> }

const EXECUTORS: Executors = {
  'pull-image': (context, args) => pull(context, args.reference, context.tell),
  'create-network': (context, args) => createNetwork(context, context.stack, args),
  'create-volume': (context, args) => createVolume(context, context.stack, args.volume),
  'create-files': (context, args) => createFiles(context, context.stack, args),
  create: (context, args) => create(context, context.stack, args),
  start: (context, args) => start(context, context.stack, args),
  rename: (context, args) => rename(context, context.stack, args),
  attach: (context, args) => attach(context, context.stack, args),
  detach: (context, args) => detach(context, context.stack, args),
  update: (context, args) => update(context, context.stack, args),
  promote: (context, args) => promote(context, context.stack, args),
  admit: (context, args) => trafficOf(context).admit(context, args),
  withdraw: (context, args) => trafficOf(context).withdraw(context, args.container),
  drain: async (context, args) => {
    await drain(context, context.stack, args)
    await context.traffic?.withdraw(context, args.container)
  },
  stop: (context, args) => stop(context, context.stack, args),
  remove: (context, args) => remove(context, context.stack, args),
  'mark-stable': (context, args) => markStable(context, context.stack, args.release, args.image),
  'clear-mark': (context) => clearMark(context, context.stack),
  'run-gateway': (context) => trafficOf(context).runGateway(context),
  'run-names': (context) => trafficOf(context).runNames(context),
  'join-names': (context, args) => trafficOf(context).joinNames(context, args),
  expose: (context, args) => trafficOf(context).expose(context, args),
  'remove-network': (context, args) => removeNetwork(context, context.stack, args.network),
  'remove-files': (context, args) => removeFiles(context, context.stack, args.volume),
}

/** Carries one step out; rejects with StepFailed. */
export async function execute(context: PullContext, step: Step, tell: (progress: string) => void): Promise<void> {
  try {
    await run({ ...context, stack: step.stack, tell }, step.kind, step.args)
  } catch (error) {
    throw failed(`Cannot ${step.kind.replace('-', ' ')} ${step.resource}`, error)
  }
}

function trafficOf({ traffic }: StepContext): Traffic {
  if (traffic !== null) return traffic
  throw new StepFailed('platform', 'This target has no gateway: it is turned off in the settings.')
}

/** Generic, so that the compiler sees kind and arguments belong together. */
function run<Kind extends StepKind>(context: StepContext, kind: Kind, args: StepArguments[Kind]): Promise<void> {
  return EXECUTORS[kind](context, args)
}
