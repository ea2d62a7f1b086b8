import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../support/temporary.ts'
import { holdfast } from './program.ts'

test.each(['10.201.0.0', '10.201.0.1/16', '10.201.0.0/25', 'fd00::/64', 'private'])(
  'a pool such as %s is refused at the start, with one that would do',
  async (pool) => {
    const folder = temporaryFolder()
    onTestFinished(folder.remove)
    const { code, err } = await holdfast(['run', '--repo', folder.path, '--data', folder.path, '--pool', pool])
    expect(code).toBe(1)
    expect(err).toContain(`The pool "${pool}" is no block of at least 256 IPv4 addresses`)
    expect(err).toContain('10.201.0.0/16')
  },
)
