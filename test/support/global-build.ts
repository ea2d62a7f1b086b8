import { fileURLToPath } from 'node:url'
import { run } from './install.ts'

/** Builds the program once, before the first test file that runs it. */
export async function setup(): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], root)
}
