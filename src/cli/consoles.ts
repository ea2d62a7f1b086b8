import { existsSync } from 'node:fs'
import type { Console, ConsoleContainer } from '../engine/console.ts'
import { HoldfastError } from '../model/errors.ts'
import type { Settings } from '../settings/settings.ts'
import { targetOf } from '../store/target.ts'
import type { Adapters } from './adapters.ts'

/** A stack as it is on the engine where it runs. */
export interface OnConsole {
  console: Console
  /** At least one. */
  containers: ConsoleContainer[]
}

/**
 * Where the stack has containers: at the target that the store names, or, where it names none, at whichever has some.
 * Rejects with a HoldfastError when there are none.
 */
export async function findStack(stack: string, settings: Settings, adapters: Adapters): Promise<OnConsole> {
  const { instance } = settings
  const targets = Object.entries(settings.targets())
  const target = targets.length > 1 ? knownTarget(stack, settings, adapters) : null
  const asked = targets
    .filter(([name]) => target === null || name === target)
    .map(async ([, { endpoint }]) => {
      const console = adapters.openConsole({ endpoint, instance })
      return { console, containers: await console.containers(stack) }
    })
  const answers = await Promise.allSettled(asked)
  const found = answers.flatMap((one) =>
    one.status === 'fulfilled' && one.value.containers.length > 0 ? one.value : [],
  )
  if (found[0] !== undefined) return found[0]
  // One that does not answer may be the one that has them.
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
  throw new HoldfastError('terminal', `There is no container of a stack ${stack}. See what there is: holdfast status`)
}

/** Null where nothing is known of it: another Holdfast may look after it. */
function knownTarget(stack: string, { data }: Settings, adapters: Adapters): string | null {
  if (!existsSync(data)) return null
  const store = adapters.openStore(data)
  try {
    return store.stacks().includes(stack) ? targetOf(store.stack(stack)) : null
  } finally {
    store.close()
  }
}
