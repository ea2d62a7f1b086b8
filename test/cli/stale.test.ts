import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { staleSince } from '../../src/cli/stale.ts'
import { createRepo } from '../support/git-repo.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { holdfast, start } from './program.ts'

const READ = '2026-01-01T12:00:00.000Z'
const FAILED = '2026-01-01T12:10:00.000Z'
const STATE = { commit: null, subject: '', meaning: null, problems: [], error: null, staleAfterMs: 900_000 }

test.each([
  ['can be read', { readAt: READ, failingSince: null }, '2026-02-01T00:00:00Z', null],
  ['could be read a while ago', { readAt: READ, failingSince: FAILED }, '2026-01-01T12:15:00Z', null],
  ['could be read too long ago', { readAt: READ, failingSince: FAILED }, '2026-01-01T12:15:01Z', READ],
  ['was never read', { readAt: null, failingSince: FAILED }, '2026-01-01T12:25:00Z', null],
  ['was never read for too long', { readAt: null, failingSince: FAILED }, '2026-01-01T12:25:01Z', FAILED],
])('G6 a repository that %s', (_what, state, now, since) => {
  expect(staleSince({ ...STATE, ...state }, Date.parse(now))).toBe(since)
})

test('G6 the status says since when a repository that cannot be read is stale, until it can be read again', async () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const [there, away, settings] = ['config', 'away', 'holdfast.yaml'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ]
  const repo = await createRepo(there)
  await repo.commit({ 'README.md': '1' }, 'First')
  const source = '{ url: ./config, poll: "* * * * * *", staleAfter: 1s }'
  const engine = `${folder.path}/none.sock`
  writeFileSync(settings, `data: ./data\ntargets: { default: { engine: ${engine} } }\nsources: { one: ${source} }\n`)
  const running = start(['run', '--settings', settings])
  const text = async () => (await holdfast(['status', '--settings', settings])).out
  const json = async () =>
    JSON.parse((await holdfast(['status', '--json', '--settings', settings])).out).repositories.one
  await expect.poll(text, { timeout: 90_000 }).toContain('First')
  expect(await json()).toMatchObject({ staleSince: null, failingSince: null })

  renameSync(there, away)
  await expect
    .poll(text, { timeout: 90_000 })
    .toMatch(/one: stale since 20\S+Z: it cannot be read now: .* does not exist/)
  const { readAt, staleSince: since, error } = await json()
  expect([since, error]).toEqual([readAt, expect.stringContaining('does not exist')])

  renameSync(away, there)
  await expect.poll(text, { timeout: 90_000 }).not.toContain('stale')
  expect(await json()).toMatchObject({ staleSince: null, failingSince: null, error: null })
  await running.end('SIGTERM')
})
