import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { readSettings } from '../../src/settings/read.ts'
import { ensureProgram, run } from '../support/install.ts'
import { temporaryFolder } from '../support/temporary.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

function folder(): string {
  const made = temporaryFolder()
  onTestFinished(made.remove)
  return made.path
}

test('the systemd unit: systemd has nothing to say against it, and calls it well closed', async () => {
  const analyze = await ensureProgram('systemd-analyze', 'systemd')
  const unit = join(folder(), 'holdfast.service')
  // The program is not installed here.
  writeFileSync(unit, textOf('packaging/holdfast.service').replace('/usr/local/bin/holdfast', '/bin/true'))
  expect(await run(analyze, ['verify', unit])).toBe('')
  // In tenths; from 50 on systemd speaks of exposure.
  await run(analyze, ['security', '--offline=yes', '--threshold=20', '--no-pager', unit])
})

test('the example of settings is understood, also with everything in it that is commented out', () => {
  const place = folder()
  const [token, settings] = [join(place, 'git-token'), join(place, 'holdfast.yaml')]
  writeFileSync(token, 'token-of-a-forge\n')
  const example = textOf('packaging/holdfast.yaml').replace('/run/secrets/git-token', token)
  for (const text of [example, example.replace(/^# (\w+: )/gm, '$1')]) {
    writeFileSync(settings, text)
    const [source] = readSettings({ settings }, {}).sources()
    expect(source).toMatchObject({
      name: 'config',
      at: { kind: 'branch', name: 'main' },
      http: { token: 'token-of-a-forge' },
    })
  }
  expect(readSettings({ settings }, {})).toMatchObject({ pool: '10.201.0.0/16' })
})

test('the package holds what an installation needs, and what its documents lead to', async () => {
  const said = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'], ROOT)
  const [{ files }] = JSON.parse(said.slice(said.indexOf('[')))
  const packed: string[] = files.map(({ path }: { path: string }) => path)
  const needed = ['package.json', 'LICENSE', 'README.md', 'CHANGELOG.md', 'schemas/settings.schema.json']
  const linked = linksOf('README.md').concat(linksOf('docs/install.md'), linksOf('docs/quick-start.md'))
  const shipped = [...needed, ...linked.filter((path) => /^(docs|packaging)\//.test(path))]
  expect(shipped.filter((path) => !packed.includes(path))).toEqual([])
  expect(packed.filter((path) => /^(test|src|demo|\.)/.test(path))).toEqual([])
})

test('what the documents link to is there', () => {
  const pages = ['README.md', 'docs/install.md', 'docs/quick-start.md']
  const missing = pages.flatMap(linksOf).filter((path) => !existsSync(join(ROOT, path)))
  expect(missing).toEqual([])
})

test('the image bears the version of the package', () => {
  const { version } = JSON.parse(textOf('package.json'))
  expect(textOf('Dockerfile')).toContain(`\nARG VERSION=${version}\n`)
})

/** The files of the project that a page links to, by their path in it. */
function linksOf(page: string): string[] {
  const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)]
  return links.map(([, path = '']) => join(page, '..', path))
}
