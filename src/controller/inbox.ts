import type { Request, Store } from '../store/store.ts'
import { type Answer, writeAnswer } from './answer.ts'

export interface InboxOptions {
  store: Store
  /** Never rejects. */
  handle(request: Request): Promise<Answer>
  onTrouble(error: unknown): void
  everyMs: number
}

/** Watches the store for requests that other processes leave, has them carried out and answers them. */
export function watchInbox({ store, handle, onTrouble, everyMs }: InboxOptions): () => void {
  const taken = new Set<number>()
  let version: number | null = null

  function look(): void {
    try {
      const now = store.version()
      if (now === version) return
      const open = store.requests().filter(({ id }) => !taken.has(id))
      version = now
      for (const { id, request } of open) void take(id, request)
    } catch (error) {
      onTrouble(error)
    }
  }

  async function take(id: number, request: Request): Promise<void> {
    taken.add(id)
    const answer = await handle(request)
    try {
      store.answer(id, writeAnswer(answer))
    } catch (error) {
      onTrouble(error)
    }
  }

  look()
  const timer = setInterval(look, everyMs)
  return () => clearInterval(timer)
}
