import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { createRepo } from '../support/git-repo.ts'
import { folder } from './folder.ts'
import { holdfast } from './program.ts'
import { documented } from './schema.ts'

const SHOP = `
services:
  web:
    image: "web:\${VERSION}"
    environment: { TITLE: "\${TITLE:-Shop}", LEAK: "Bearer \${TOKEN}" }
    volumes: [ ./page.html:/page.html:ro ]
    secrets: [ token, { source: cert, target: /cert } ]
secrets:
  token: { environment: TOKEN }
  cert: { file: cert.pem }
`
const FILES = {
  'stacks/shop/compose.yaml': SHOP,
  'stacks/shop/.env': 'VERSION=1.2\nTOKEN=tok-8d31f0\n',
  'stacks/shop/page.html': '<h1>hello</h1>\n',
  'stacks/shop/cert.pem': 'CERTIFICATE-9f',
  'stacks/site/compose.yaml': 'services:\n  www:\n    image: www:1\n    healthcheck: { test: [ CMD, "true" ] }\n',
}
const BAD = { 'stacks/bad/compose.yaml': 'services:\n  web:\n    imagee: web:1\n' }

test('render prints what manifests mean as YAML: variables filled in, defaults added, files as text', async () => {
  const { code, out, err } = await holdfast(['render', '--dir', folder(FILES)])
  expect(code).toBe(0)
  expect(err).toContain('warning')
  const [shop, site] = parseAllDocuments(out).map((document) => document.toJS())
  expect(shop).toMatchObject({
    name: 'shop',
    rollback: 'release',
    services: { web: { image: 'web:1.2', replicas: 1 } },
  })
  expect(shop.services.web.container.environment.TITLE).toBe('Shop')
  expect(site.services.www.container.healthcheck).toMatchObject({ intervalMs: 30_000, retries: 3 })
  const texts = Object.values(shop.files).map((set) => (set as { contents: object }).contents)
  expect(texts).toContainEqual({ 'page.html': '<h1>hello</h1>\n' })
})

test('render shows nothing of secrets, wherever they are used, and the same each time', async () => {
  const dir = folder(FILES)
  const { out } = await holdfast(['render', 'shop', '--dir', dir])
  for (const secret of ['tok-8d31f0', 'CERTIFICATE-9f', 'Q0VSVElG']) expect(out).not.toContain(secret)
  expect(out).toContain('LEAK: Bearer ***')
  expect(out).not.toContain('www')
  expect((await holdfast(['render', 'shop', '--dir', dir])).out).toBe(out)
})

test('render --json gives the same to programs, with the problems', async () => {
  const { code, out } = await holdfast(['render', '--dir', folder({ ...FILES, ...BAD }), '--json'])
  expect(code).toBe(1)
  const { stacks } = documented<{ stacks: { name: string; manifest: unknown }[] }>('render', out)
  expect(stacks.map(({ name, manifest }) => [name, manifest !== null])).toEqual([
    ['bad', false],
    ['shop', true],
    ['site', true],
  ])
})

test('render tells of errors on the standard error, prints the others, and exits 1', async () => {
  const { code, out, err } = await holdfast(['render', '--dir', folder({ ...FILES, ...BAD })])
  expect(code).toBe(1)
  expect(err).toContain('stacks/bad/compose.yaml:3:5: error: ')
  expect(out).toContain('name: shop')
  expect(out).not.toContain('error')
})

test("render reads the repository's newest commit, and names the stacks there are", async () => {
  const repo = await createRepo(join(folder({}), 'repo'))
  await repo.commit(FILES, 'one')
  const env = { HOLDFAST_REPO: repo.path }
  expect((await holdfast(['render', 'site'], env)).out).toContain('image: www:1')
  expect(await holdfast(['render', 'other'], env)).toMatchObject({
    code: 1,
    err: 'holdfast: There is no stack other. There are: shop, site.\n',
  })
})
