import type { TestProject } from 'vitest/node'
import { startPrivateEngine } from './docker.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Socket of the private engine that all test files of one run share. */
    engineSocket: string
    /** All its addresses, in CIDR notation: networks that are made on it go with it. */
    engineAddresses: string
  }
}

/** Runs once, before the first test file that needs an engine; what it returns runs at the end, also after failures. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const engine = await startPrivateEngine({ say: (line) => console.error(line) })
  project.provide('engineSocket', engine.socket)
  project.provide('engineAddresses', engine.addresses)
  return () => engine.stop()
}
