import type { Happening } from '../model/observed.ts'

/** What happened in each stack since somebody last asked. */
export interface Happenings {
  take(stack: string): Happening[]
  tell(stack: string, happening: Happening): void
}

/** More interruptions than these tell nothing new; failed steps are as few as the steps of one pass. */
const MOST_INTERRUPTIONS = 100

export function openHappenings(): Happenings {
  const inbox = new Map<string, Happening[]>()
  return {
    take(stack) {
      const happened = inbox.get(stack) ?? []
      inbox.delete(stack)
      return happened
    },
    tell(stack, happening) {
      const happened = inbox.get(stack) ?? []
      if (happening.kind === 'interrupted' && happened.length >= MOST_INTERRUPTIONS) return
      inbox.set(stack, [...happened, happening])
    },
  }
}
