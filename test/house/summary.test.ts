import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const SCRIPT = fileURLToPath(new URL('../../scripts/summary.ts', import.meta.url))
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-summary-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

describe('the last line of a run', () => {
  it('counts what passed', async () => {
    expect(await summary({ passed: 2 })).toEqual({ last: '2 passed, 0 failed', code: 0 })
  })

  it('counts a skipped test as failed', async () => {
    expect(await summary({ passed: 2, skipped: 1 })).toEqual({ last: '2 passed, 1 failed', code: 1 })
  })

  it('counts a file that does not load as failed', async () => {
    expect(await summary({ passed: 2, broken: true })).toEqual({ last: '2 passed, 1 failed', code: 1 })
  })

  it('fails when nothing ran, and when there is no report', async () => {
    expect(await summary({ passed: 0 })).toEqual({ last: '0 passed, 0 failed', code: 1 })
    expect(await run(join(directory, 'none.json'))).toEqual({ last: '0 passed, 1 failed', code: 1 })
  })
})

async function summary(made: { passed: number; skipped?: number; broken?: boolean }) {
  const tests = [...Array(made.passed).fill('passed'), ...Array(made.skipped ?? 0).fill('skipped')]
  const file = { name: 'a', status: 'passed', assertionResults: tests.map((status) => ({ fullName: 'x', status })) }
  const broken = made.broken ? [{ name: 'b', status: 'failed', assertionResults: [] }] : []
  const counts = { numPassedTests: made.passed, numFailedTests: 0, success: !made.broken }
  const path = join(directory, 'report.json')
  await writeFile(path, JSON.stringify({ ...counts, testResults: [file, ...broken] }))
  return run(path)
}

function run(path: string): Promise<{ last: string | undefined; code: number }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', SCRIPT, path], (error, stdout) => {
      resolve({ last: stdout.trim().split('\n').at(-1), code: error ? 1 : 0 })
    })
  })
}
