import type { Step, StepArguments, StepKind } from '../../model/steps.ts'
import { attach, create, detach, drain, promote, remove, rename, start, stop, update } from './containers.ts'
import { failed } from './errors.ts'
import { createFiles, removeFiles } from './files.ts'
import { clearMark, markStable } from './mark.ts'
import { type PullContext, pull } from './pull.ts'
import { createNetwork, createVolume, removeNetwork } from './resources.ts'

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
  drain: (context, args) => drain(context, context.stack, args),
  stop: (context, args) => stop(context, context.stack, args),
  remove: (context, args) => remove(context, context.stack, args),
  'mark-stable': (context, args) => markStable(context, context.stack, args.release, args.image),
  'clear-mark': (context) => clearMark(context, context.stack),
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

/** Generic, so that the compiler sees kind and arguments belong together. */
function run<Kind extends StepKind>(context: StepContext, kind: Kind, args: StepArguments[Kind]): Promise<void> {
  return EXECUTORS[kind](context, args)
}
