import { expect, test } from 'vitest'
import { brief, loadShop } from './builders.ts'

const TARGETS = {
  '': { env: { REGION: 'eu', TAG: '1' } },
  edge: { env: { REGION: 'us' }, bindRoot: '/edge' },
}

const shop = (top: string, dotEnv = '') =>
  loadShop(
    `${top}\nservices: { web: { image: "web:\${TAG:-none}", environment: { R: "\${REGION}" }, healthcheck: { test: [NONE] } } }\n`,
    { 'stacks/shop/.env': dotEnv },
    [],
    { targets: TARGETS },
  )

const webOf = (top: string, dotEnv = '') => {
  const { stack, problems } = shop(top, dotEnv)
  const web = stack?.services['web']
  return web ? [stack?.target, web.image, web.container.environment] : brief(problems)
}

test('the variables of a target win over those of the repository, on that target alone', () => {
  expect(webOf('', 'REGION=file\nTAG=file')).toEqual(['', 'web:1', { R: 'eu' }])
  expect(webOf('x-holdfast: { target: edge, env: { REGION: own } }', 'TAG=file')).toEqual([
    'edge',
    'web:file',
    { R: 'us' },
  ])
  expect(webOf('x-holdfast: { target: other }', 'REGION=file')).toEqual(['other', 'web:none', { R: 'file' }])
})

test('the target may come from a variable, but not from one that it sets itself', () => {
  expect(webOf('x-holdfast: { target: "${WHERE}" }', 'WHERE=edge')).toEqual(['edge', 'web:none', { R: 'us' }])
  const { stack, problems } = shop('x-holdfast: { target: "${REGION:-edge}" }')
  expect(stack).toBeNull()
  expect(problems).toMatchObject([{ message: '`x-holdfast.target` takes a variable that the target itself sets' }])
})
