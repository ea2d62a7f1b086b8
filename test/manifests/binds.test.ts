import { expect, test } from 'vitest'
import { brief, type Files, loadShop, web } from './builders.ts'

const BESIDE: Files = {
  'stacks/shop/conf/a': 'a',
  'stacks/shop/empty/.gitkeep': '',
  'stacks/other/file': 'x',
}
const MORE = [{ path: 'stacks/shop/link', kind: 'symlink' as const }]

/** What a mount of `web` becomes with a folder for binds on the target; or what is said about it. */
function mounted(volume: string, bindRoot: string | null = '/srv/data/') {
  const options = bindRoot === null ? {} : { targets: { '': { bindRoot } } }
  const { stack, problems } = loadShop(web(`volumes: ["${volume}"]`), BESIDE, MORE, options)
  const service = stack?.services['web']
  return service === undefined ? brief(problems) : { mounts: service.container.mounts, because: service.update.because }
}

function bind(source: string, readOnly = false) {
  return [{ kind: 'bind', source, target: '/x', readOnly }]
}

test.each<[volume: string, source: string, because: string]>([
  ['./data:/x', '/srv/data/shop/data', 'writes to ./data'],
  ['./a/../b//c/:/x:rw', '/srv/data/shop/b/c', 'writes to ./b/c'],
  ['./empty:/x', '/srv/data/shop/empty', 'writes to ./empty'],
])('%s is %s, and makes it stop-first', (volume, source, because) => {
  expect(mounted(volume)).toEqual({ mounts: bind(source), because })
})

test('what is not in the repository may be mounted read-only, beside its successor', () => {
  expect(mounted('./data:/x:ro')).toEqual({ mounts: bind('/srv/data/shop/data', true), because: undefined })
})

test.each(['./conf:/x:ro', './empty:/x:ro'])('%s is in the repository and stays files of the commit', (volume) => {
  expect(mounted(volume)).toMatchObject({ mounts: [{ kind: 'files', target: '/x' }] })
})

test.each<[promise: string, volume: string, problem: string]>([
  ['files of the repository', './conf:/x', '5:15 error bind-writable'],
  ["the stack's own folder", '.:/x', '5:15 error bind-writable'],
  ['a folder beside it', '../data:/x', '5:15 error path-outside'],
  ['a folder outside the repository', '../../../data:/x', '5:15 error path-outside'],
  ['a folder beside it, read-only', '../data:/x:ro', '5:15 error path-outside'],
  ['through a link', './link/data:/x', '5:15 error symlink'],
  ['a path of the host', '/data:/x', '5:15 error policy-host-path'],
])('writable: %s', (_promise, volume, problem) => {
  expect(mounted(volume)).toEqual([problem])
})

test('without a folder on the target it is refused, with both ways out', () => {
  const { problems } = loadShop(web('volumes: ["./data:/x"]'), BESIDE)
  expect(brief(problems)).toEqual(['5:15 error bind-writable'])
  expect(problems[0]?.hint).toMatch(/named volume.*--bind-root/)
  expect(mounted('./data:/x:ro', null)).toEqual(['5:15 error file-missing'])
})

test('old and new cannot both write to it', () => {
  const text = web('volumes: ["./data:/x"]\ndeploy: { update_config: { order: start-first } }')
  const { problems } = loadShop(text, {}, [], { targets: { '': { bindRoot: '/srv' } } })
  expect(brief(problems)).toEqual(['6:39 error start-first-impossible'])
})
