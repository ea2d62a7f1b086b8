import { readFile } from 'node:fs/promises'

/** What counts of vitest's JSON report. */
interface Report {
  numPassedTests: number
  numFailedTests: number
  success: boolean
  testResults: { name: string; status: string; assertionResults: { fullName: string; status: string }[] }[]
}

const path = process.argv[2] ?? ''
const report = await read(path)
const skipped = report?.testResults.flatMap(({ assertionResults }) =>
  assertionResults.filter(({ status }) => !['passed', 'failed'].includes(status)).map(({ fullName }) => fullName),
)
// A file that does not load has no tests in it, and would go unnoticed among the counts.
const broken = report?.testResults.filter((file) => file.status === 'failed' && file.assertionResults.every(passed))
for (const name of skipped ?? []) console.log(`skipped, which counts as failed: ${name}`)
for (const file of broken ?? []) console.log(`failed as a whole: ${file.name}`)

const failed = (report?.numFailedTests ?? 1) + (skipped?.length ?? 0) + (broken?.length ?? 0)
const ran = report?.numPassedTests ?? 0
console.log(`${ran} passed, ${failed} failed`)
if (failed > 0 || ran === 0 || report?.success !== true) process.exitCode = 1

function passed({ status }: { status: string }): boolean {
  return status === 'passed'
}

/** Null when the run ended before it could write its report. */
async function read(file: string): Promise<Report | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return null
  }
}
