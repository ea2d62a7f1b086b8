import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createRepo } from '../support/git-repo.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { holdfast, start } from './program.ts'

test('SIGHUP: new settings are followed, unusable ones change nothing, and what cannot change is refused', async () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const one = await createRepo(join(folder.path, 'one'))
  const two = await createRepo(join(folder.path, 'two'))
  await one.commit({ 'README.md': '1' }, 'First repository')
  await two.commit({ 'README.md': '2' }, 'Second repository')
  const settings = join(folder.path, 'holdfast.yaml')
  const data = join(folder.path, 'data')
  const write = (more: string) =>
    writeFileSync(settings, `data: ${data}\ntargets: { default: { engine: ${folder.path}/none.sock } }\n${more}`)
  const status = async () => (await holdfast(['status', '--settings', settings])).out

  write('sources: { one: { url: ./one } }\n')
  const running = start(['run', '--settings', settings])
  await running.printed('holdfast: settings from ')
  await expect.poll(status, { timeout: 20_000 }).toContain('First repository')
  expect(await status()).not.toContain('Second repository')

  write('sources: { one: { url: ./one }, two: { url: ./two, brnch: main } }\n')
  running.child.kill('SIGHUP')
  await running.printed('the settings cannot be used, and stay as they were')
  await running.printed('Did you mean `branch`?')

  write('instance: other\nsources: { one: { url: ./one } }\n')
  running.child.kill('SIGHUP')
  await running.printed('`instance` cannot change while it runs')

  write('sources: { one: { url: ./one }, two: { url: ./two, poll: sometimes } }\n')
  running.child.kill('SIGHUP')
  await running.printed('"sometimes" is not a cron expression')

  write('sources: { one: { url: ./one }, two: { url: ./two } }\n')
  running.child.kill('SIGHUP')
  await running.printed('the settings were read again')
  await expect.poll(status, { timeout: 20_000 }).toContain('Second repository')
  expect((await running.end('SIGTERM')).code).toBe(0)
})
