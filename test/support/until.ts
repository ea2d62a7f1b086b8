import { setTimeout as sleep } from 'node:timers/promises'

/** Looks again and again until the condition holds; rejects after `limitMs`, naming what it waited for. */
export async function until(condition: () => Promise<boolean>, what: string, limitMs = 30_000): Promise<void> {
  const limit = performance.now() + limitMs
  while (!(await condition())) {
    if (performance.now() > limit) throw new Error(`Waited ${limitMs / 1000} s in vain for ${what}.`)
    await sleep(50)
  }
}
