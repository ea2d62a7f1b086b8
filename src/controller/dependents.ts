import type { Store } from '../store/store.ts'

/** Changes with whatever stacks that depend on this one go by. */
export function signature(stack: string, store: Store): string {
  const { latest, record, status } = store.stack(stack)
  return JSON.stringify([latest, record.stable, Object.keys(record.quarantine), status])
}

/** The stacks whose newest release depends on `stack`, sorted. */
export function dependents(stack: string, store: Store): string[] {
  return store.stacks().filter((name) => {
    const digest = store.stack(name).latest?.digest
    return digest ? store.release(name, digest)?.stack.dependsOn.includes(stack) : false
  })
}
