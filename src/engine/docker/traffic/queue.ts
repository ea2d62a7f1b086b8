/** Changes of something shared, one after the other; those that wait together are carried out together. */
export interface Queue<Context, State> {
  /** `edit` may throw, which rejects this change alone. Resolves when it is carried out. */
  change(context: Context, edit: (state: State) => State): Promise<void>
}

interface QueueParts<Context, Before extends State, State> {
  read(context: Context): Promise<Before>
  apply(context: Context, before: Before, after: State): Promise<void>
}

interface Waiting<State> {
  edit(state: State): State
  resolve(): void
  reject(error: unknown): void
}

export function openQueue<Context, Before extends State, State>(
  parts: QueueParts<Context, Before, State>,
): Queue<Context, State> {
  let waiting: Waiting<State>[] = []
  let isBusy = false

  async function work(context: Context): Promise<void> {
    if (isBusy) return
    isBusy = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      await carryOut(parts, context, batch)
    }
    isBusy = false
  }

  return {
    change: (context, edit) =>
      new Promise((resolve, reject) => {
        waiting.push({ edit, resolve, reject })
        void work(context)
      }),
  }
}

/** Together, and one after the other where that fails: nobody's change is to fail for that of another. */
async function carryOut<Context, Before extends State, State>(
  parts: QueueParts<Context, Before, State>,
  context: Context,
  batch: Waiting<State>[],
): Promise<void> {
  try {
    const before = await parts.read(context)
    let after: State = before
    const edited = batch.filter(({ edit, reject }) => {
      try {
        after = edit(after)
        return true
      } catch (error) {
        reject(error)
        return false
      }
    })
    await parts.apply(context, before, after)
    for (const { resolve } of edited) resolve()
  } catch (error) {
    if (batch.length === 1) batch[0]?.reject(error)
    else for (const one of batch) await carryOut(parts, context, [one])
  }
}
