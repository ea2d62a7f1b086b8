import { createInterface } from 'node:readline/promises'
import { HoldfastError } from '../model/errors.ts'

/** Asks a person. Rejects with a HoldfastError unless they say yes, and where there is nobody to ask. */
export async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new HoldfastError('terminal', `${question} There is nobody to ask here: say so with --yes.`)
  }
  // Not on the standard output, which may be read by a program.
  const line = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await line.question(`${question} [y/N] `)
    if (/^y(es)?$/i.test(answer.trim())) return
  } finally {
    line.close()
  }
  throw new HoldfastError('terminal', 'Nothing was done.')
}
