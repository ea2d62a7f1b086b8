import { HoldfastError } from '../model/errors.ts'
import type { Store } from '../store/store.ts'

/** The stack itself. Throws a HoldfastError when there is none of that name. */
export function known(stack: string, store: Store): string {
  const stacks = store.stacks()
  if (stacks.includes(stack)) return stack
  const others = stacks.length === 0 ? 'None is followed yet.' : `Followed are: ${stacks.join(', ')}.`
  throw refusal(`There is no stack ${stack}. ${others}`)
}

/** Throws a HoldfastError while a person wants nothing done for the stack. */
export function refuseHeld(stack: string, store: Store): void {
  const { suspended, down } = store.stack(stack).record
  if (!suspended && !down) return
  const what = down ? 'down, and nothing of it is brought up' : 'suspended, and nothing is done to it'
  throw refusal(`${stack} is ${what}. Resume it first: holdfast resume ${stack}`)
}

/** What a person asked for is not done, and why. */
export function refusal(text: string): HoldfastError {
  return new HoldfastError('terminal', text)
}
