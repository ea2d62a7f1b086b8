import { expect, test } from 'vitest'
import { holdfast } from './program.ts'

const ASKING = ['sync', 'retry', 'rollback', 'pause', 'cancel', 'suspend', 'down', 'resume', 'adopt']

test.each(ASKING)('%s --help says what it does, its options and what its exit codes mean', async (command) => {
  const { code, out } = await holdfast([command, '--help'])
  expect(code).toBe(0)
  for (const part of ['--wait', '--timeout', '--data', 'Exit code: 0 ', '1 refused', '3 rolled back'])
    expect(out).toContain(part)
})

test.each(['pause', 'cancel', 'suspend', 'down', 'resume', 'adopt'])(
  '%s takes a reason, and needs a stack',
  async (command) => {
    expect((await holdfast([command, '--help'])).out).toContain('--reason <text>')
    expect(await holdfast([command])).toMatchObject({ code: 64, err: expect.stringContaining("argument 'stack'") })
  },
)

test('routes --help says what it shows, where it asks, and what its exit codes mean', async () => {
  const { code, out } = await holdfast(['routes', '--help'])
  expect(code).toBe(0)
  for (const part of ['[stack]', '--json', '--engine', '--traffic', 'Exit code: 0 shown, 1 an engine']) {
    expect(out).toContain(part)
  }
})

test('the list of commands names each of them', async () => {
  const { out } = await holdfast(['--help'])
  for (const command of [...ASKING, 'routes']) expect(out).toMatch(new RegExp(`^  ${command} `, 'm'))
})
