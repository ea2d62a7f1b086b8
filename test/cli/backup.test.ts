import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../src/store/sqlite.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { holdfast } from './program.ts'
import { documented } from './schema.ts'

test('backup says where the copy is and that the key is not in it, and refuses what it cannot do', async () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const [data, one, two] = ['data', 'one.db', 'two.db'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ]
  const env = { HOLDFAST_DATA: data }
  expect(await holdfast(['backup', one], env)).toMatchObject({ code: 1, err: expect.stringContaining('--data') })
  openStore(data).close()
  const { code, out } = await holdfast(['backup', one], env)
  expect(code).toBe(0)
  expect(out).toContain(`The database is in ${one}.`)
  expect(out).toContain(`The key file ${join(data, 'key')} is not in it`)
  expect(out).toContain('needs both')
  expect((statSync(one).mode & 0o777).toString(8)).toBe('600')
  const again = await holdfast(['backup', one], env)
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('nothing is written over') })
  const json = await holdfast(['backup', two, '--json', '--key-file', '/run/key'], env)
  expect(documented('backup', json.out)).toEqual({ file: two, keyFile: '/run/key' })
})
