import type { Say } from './say.ts'

/** What has been made so far, each with the way to undo it. */
export interface Cleanup {
  add(what: string, undo: () => unknown): void
  /** Undoes everything, the newest first. One that fails does not keep the others; resolves to what is left. */
  run(): Promise<string[]>
}

export function openCleanup(say: Say): Cleanup {
  const made: { what: string; undo: () => unknown }[] = []
  return {
    add(what, undo) {
      made.push({ what, undo })
    },
    async run() {
      const left: string[] = []
      for (let next = made.pop(); next; next = made.pop()) {
        const reason = await failure(next.undo)
        if (reason !== null) left.push(`${next.what}: ${reason}`)
      }
      for (const line of left) say(`not cleaned up: ${line}`)
      return left
    },
  }
}

async function failure(undo: () => unknown): Promise<string | null> {
  try {
    await undo()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
