import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { folder } from './folder.ts'
import { holdfast } from './program.ts'
import { documented } from './schema.ts'

const GOOD = 'services:\n  web:\n    image: web:1\n'

test('validate accepts the sample repository', async () => {
  const { code, out } = await holdfast(['validate', fileURLToPath(new URL('../../sample-repo', import.meta.url))])
  expect(out).toMatch(/[1-9]\d* stacks?, 0 errors/)
  expect(code).toBe(0)
})

test('validate prints every problem of every stack with its place, and exits 1', async () => {
  const bad = 'services:\n  web:\n    imagee: web:1\n'
  const files = { 'stacks/a/compose.yaml': bad, 'stacks/b/compose.yaml': bad, 'stacks/c/compose.yaml': GOOD }
  const { code, out } = await holdfast(['validate', folder(files)])
  expect(code).toBe(1)
  for (const stack of ['a', 'b']) expect(out).toContain(`stacks/${stack}/compose.yaml:3:5: error: `)
  expect(out).toContain('Did you mean `image`?')
})

test('validate --json gives the same to programs', async () => {
  const { code, out } = await holdfast(['validate', folder({ 'stacks/a/compose.yaml': GOOD }), '--json'])
  expect(code).toBe(0)
  expect(documented('validate', out)).toMatchObject({
    problems: [],
    stacks: [{ name: 'a', folder: 'stacks/a', valid: true }],
  })
})

test("validate leaves git's own folder out, and refuses a folder without a stack", async () => {
  const { code, out } = await holdfast(['validate', folder({ '.git/stacks/a/compose.yaml': GOOD })])
  expect(code).toBe(1)
  expect(out).toContain('There is no stack')
})

test('validate and render need no key: an encrypted file is noted, where it may stand', async () => {
  const sealed = '-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24ub3Jn\n-----END AGE ENCRYPTED FILE-----\n'
  const compose = `${GOOD}    secrets: [token]\nsecrets: { token: { file: ./token.age } }\n`
  const repository = folder({ 'stacks/a/compose.yaml': compose, 'stacks/a/token.age': sealed })
  const { code, out } = await holdfast(['validate', repository])
  expect(out).toContain('warning: `stacks/a/token.age` is encrypted: not opened [encrypted-not-opened]')
  expect(out).not.toContain('secret-in-plain-text')
  expect(code).toBe(0)
  expect(await holdfast(['render', '--dir', repository])).toMatchObject({ code: 0 })
  writeFileSync(join(repository, 'stacks/a/compose.yaml'), `${GOOD}    volumes: ["./token.age:/token:ro"]\n`)
  expect(await holdfast(['validate', repository])).toMatchObject({
    code: 1,
    out: expect.stringContaining('[encrypted-file]'),
  })
})

test('validate takes the folder for binds as run does', async () => {
  const repository = folder({ 'stacks/a/compose.yaml': `${GOOD}    volumes: ["./data:/data"]\n` })
  const without = await holdfast(['validate', repository])
  expect(without).toMatchObject({ code: 1, out: expect.stringContaining('--bind-root') })
  expect(await holdfast(['validate', repository, '--bind-root', '/srv'])).toMatchObject({ code: 0 })
  expect(await holdfast(['validate', repository], { HOLDFAST_BIND_ROOT: '/srv' })).toMatchObject({ code: 0 })
})

test('validate knows of a target without a gateway, as run does', async () => {
  const repository = folder({
    'stacks/a/compose.yaml': `${GOOD}    x-holdfast: { routes: [{ host: a.org, port: 1 }] }\n`,
  })
  expect(await holdfast(['validate', repository])).toMatchObject({ code: 0 })
  const without = { code: 1, out: expect.stringContaining('[route-without-gateway]') }
  expect(await holdfast(['validate', repository, '--traffic', 'off'])).toMatchObject(without)
  expect(await holdfast(['validate', repository], { HOLDFAST_TRAFFIC: 'off' })).toMatchObject(without)
})

test.each([
  [['validate', '/nowhere/at/all'], 'cannot be read'],
  [['run', '--data', '/dev/null/data', '--repo', '/nowhere'], 'cannot be made'],
  [['validate', '--bind-root', 'data'], 'is not absolute'],
  [['validate', '--traffic', 'maybe'], 'is neither on nor off'],
  [['plan', '--bind-root', './data', '--repo', '/nowhere'], 'is not absolute'],
  [['plan', '--engine', 'tcp://192.0.2.1:2375'], 'plain TCP asks nobody'],
  [['plan', '--engine', 'unix:///nowhere/docker.sock', '--repo', '/nowhere'], 'no Docker engine'],
  [['plan', '--instance', 'Not Good'], 'may hold only'],
  [['status', '--data', '/nowhere'], 'has not run here'],
])('%j says what is wrong in one sentence, without a stack trace', async (args, text) => {
  const { code, out, err } = await holdfast(args, { HOLDFAST_DATA: folder({}) })
  expect(err).toContain(text)
  expect(out + err).not.toMatch(/^\s+at /m)
  expect(code).toBe(1)
})

test('an option can be given by its environment variable', async () => {
  const { err } = await holdfast(['history'], { HOLDFAST_DATA: '/nowhere/else' })
  expect(err).toContain('/nowhere/else')
})

test('validate judges by the policy of the settings, and as the source that is named', async () => {
  const files = {
    'stacks/a/compose.yaml': `${GOOD}    privileged: true\n`,
    'holdfast.yaml.for-the-service': 'policy: { stacks: { infra/a: { privileged: true } } }\n',
  }
  const repository = folder(files)
  const strict = await holdfast(['validate', repository])
  expect(strict).toMatchObject({ code: 1, out: expect.stringMatching(/policy-privileged(.|\n)*`policy\.privileged`/) })
  const settings = ['--settings', join(repository, 'holdfast.yaml.for-the-service')]
  expect(await holdfast(['validate', repository, ...settings])).toMatchObject({ code: 1 })
  expect(await holdfast(['validate', repository, ...settings, '--source', 'infra'])).toMatchObject({ code: 0 })
})

test('validate --format sarif tells code reviews each problem at its line', async () => {
  const files = { 'stacks/a b/compose.yaml': GOOD, 'stacks/c/compose.yaml': 'services:\n  web:\n    imagee: web:1\n' }
  const dir = folder(files)
  const { code, out } = await holdfast(['validate', dir, '--format', 'sarif'])
  expect(code).toBe(1)
  const log = JSON.parse(out)
  expect(log).toMatchObject({ version: '2.1.0', $schema: expect.stringContaining('sarif-2.1.0') })
  const [run] = log.runs
  expect(run.originalUriBaseIds['%SRCROOT%'].uri).toMatch(/^file:\/\/\/.*\/$/)
  const rules = run.tool.driver.rules.map(({ id }: { id: string }) => id)
  for (const { ruleId, ruleIndex } of run.results) expect(rules[ruleIndex]).toBe(ruleId)
  const place = (uri: string, region?: object) => [
    { physicalLocation: { artifactLocation: { uri, uriBaseId: '%SRCROOT%' }, ...(region ? { region } : {}) } },
  ]
  expect(run.results).toContainEqual({
    ruleId: 'unknown-key',
    ruleIndex: rules.indexOf('unknown-key'),
    level: 'error',
    message: { text: expect.stringContaining('Did you mean `image`?') },
    locations: place('stacks/c/compose.yaml', { startLine: 3, startColumn: 5 }),
  })
  expect(run.results).toContainEqual(
    expect.objectContaining({ ruleId: 'stack-name', locations: place('stacks/a%20b/compose.yaml') }),
  )
})
