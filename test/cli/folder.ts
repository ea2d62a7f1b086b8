import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/temporary.ts'

/** A folder with these files, by path; gone when the test is over. */
export function folder(files: Record<string, string>): string {
  const made = temporaryFolder()
  onTestFinished(made.remove)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(made.path, path)), { recursive: true })
    writeFileSync(join(made.path, path), content)
  }
  return made.path
}
