import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../support/temporary.ts'
import { holdfast } from './program.ts'

test('a target that cannot be used is refused before anything is done', async () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const data = join(folder.path, 'data')
  const ended = await holdfast(['plan', '--repo', '/nowhere', '--data', data], {
    HOLDFAST_TARGETS: 'web=ssh://ops@web,db=tcp://192.0.2.1:2375',
  })
  expect(ended).toMatchObject({ code: 1, err: expect.stringContaining('The engine tcp://192.0.2.1:2375 would give') })
  expect(existsSync(data)).toBe(false)
})
