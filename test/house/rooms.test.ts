import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What pure rooms may not do, by the rule that must refuse it. */
const IMPURE = {
  'read-files': ['noRestrictedImports', "export { readFile } from 'node:fs'"],
  'read-process': ['noRestrictedImports', "import process from 'node:process'\nexport const a = process.pid"],
  'use-docker': ['noRestrictedImports', "import Docker from 'dockerode'\nexport const a = new Docker()"],
  'use-an-engine': ['noRestrictedImports', "export type { Engine } from '../engine/engine.ts'"],
  'use-a-store': ['noRestrictedImports', "export type { Store } from '../store/store.ts'"],
  'use-the-loop': ['noRestrictedImports', "export { reconcile } from '../reconcile.ts'"],
  'roll-dice': ['noJsRestrictedProperties', 'export const a = Math.random()'],
  'read-the-clock': ['noRestrictedGlobals', 'export const a = Date.now()'],
  'make-a-date': ['noRestrictedGlobals', 'export const a = new Date()'],
  wait: ['noRestrictedGlobals', 'setTimeout(() => {}, 1)'],
  'read-the-environment': ['noRestrictedGlobals', "export const a = process.env['HOME']"],
} as const

/** Files that must be refused for where they stand, by the rule. */
const MISPLACED: Record<string, readonly [string, string]> = {
  'src/decide/simulation/deep.ts': ['noRestrictedImports', "export type { Engine } from '../../engine/engine.ts'"],
  'src/store/other-adapter.ts': ['noRestrictedImports', "export type { Source } from '../source/source.ts'"],
  'src/traffic/other-room.ts': ['noRestrictedImports', "export { decide } from '../decide/decide.ts'"],
  'src/store/use-the-gateway.ts': ['noRestrictedImports', "export { serversOf } from '../traffic/servers.ts'"],
  'src/sops/other-room.ts': ['noRestrictedImports', "export type { Source } from '../source/source.ts'"],
  'src/sops/use-the-schema.ts': ['noRestrictedImports', "export { Ajv2020 } from 'ajv/dist/2020.js'"],
  'src/cli/open-a-file.ts': ['noRestrictedImports', "export { openSops } from '../sops/sops.ts'"],
  'src/manifests/open-a-file.ts': ['noRestrictedImports', "export { openSops } from '../sops/sops.ts'"],
  'src/source/use-age.ts': ['noRestrictedImports', "export { Decrypter } from 'age-encryption'"],
  'src/settings/use-a-store.ts': ['noRestrictedImports', "export type { Store } from '../store/store.ts'"],
  'src/engine/docker/read-settings.ts': [
    'noRestrictedImports',
    "export { readSettings } from '../../settings/read.ts'",
  ],
  'src/probe/other-adapter.ts': ['noRestrictedImports', "export type { Store } from '../store/store.ts'"],
  'src/source/other-adapter.ts': ['noRestrictedImports', "export type { Store } from '../store/store.ts'"],
  'src/store/use-ssh.ts': ['noRestrictedImports', "export { connectSsh } from '../ssh/connect.ts'"],
  'src/decide/use-ssh.ts': ['noRestrictedImports', "export { connectSsh } from '../ssh/connect.ts'"],
  'src/ssh/know-an-adapter.ts': ['noRestrictedImports', "export type { Source } from '../source/source.ts'"],
  'src/ssh/know-an-engine.ts': ['noRestrictedImports', "export type { Endpoint } from '../engine/endpoint.ts'"],
  'src/source/use-ssh2.ts': ['noRestrictedImports', "import ssh2 from 'ssh2'\nexport const a = new ssh2.Client()"],
  'src/store/use-http.ts': ['noRestrictedImports', "import { fetch } from 'undici'\nexport const a = fetch"],
  'src/engine/docker/other-adapter.ts': ['noRestrictedImports', "export type { Store } from '../../store/store.ts'"],
  'src/engine/docker/other-engine.ts': ['noRestrictedImports', "export { modelEngine } from '../model/engine.ts'"],
  'src/store/use-docker.ts': ['noRestrictedImports', "import Docker from 'dockerode'\nexport const a = new Docker()"],
  'src/reconcile.ts': ['noRestrictedImports', "export { dockerEngine } from './engine/docker/docker.ts'"],
  'src/controller/adapter.ts': ['noRestrictedImports', "export { dockerEngine } from '../engine/docker/docker.ts'"],
  'src/cli/adapter.ts': ['noRestrictedImports', "export { dockerEngine } from '../engine/docker/docker.ts'"],
  'src/doctor/adapter.ts': ['noRestrictedImports', "export { engineFacts } from '../engine/docker/facts.ts'"],
  'src/doctor/read-settings.ts': ['noRestrictedImports', "export { readSettings } from '../settings/read.ts'"],
  'src/model/one.ts': ['noImportCycles', "import { b } from './two.ts'\nexport const a = () => b"],
  'src/model/two.ts': ['noImportCycles', "import { a } from './one.ts'\nexport const b = () => a"],
}

const ALLOWED = {
  'src/engine/docker/use-ssh.ts': "export type { SshServer } from '../../ssh/server.ts'\n",
  'src/source/use-ssh.ts': "export type { SshServer } from '../ssh/server.ts'\n",
  'src/decide/hash-it.ts': "import { createHash } from 'node:crypto'\n\nexport const a = createHash('sha256')\n",
  'src/decide/use-the-model.ts': "import { short } from '../model/release.ts'\n\nexport const a = short('')\n",
  'src/engine/docker/use-the-gateway.ts': "export type { Server } from '../../traffic/servers.ts'\n",
  'src/store/own-interface.ts': "export type { Store } from './store.ts'\n",
}

/** Rules broken by file, in a copy of the sources with all these files added. */
let broken: Map<string, Set<string>>
let copy: string

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'holdfast-rooms-'))
  for (const part of ['src', 'biome.json', '.gitignore'])
    await cp(join(ROOT, part), join(copy, part), { recursive: true })
  for (const room of ['decide', 'model', 'manifests', 'traffic']) {
    for (const [name, [, text]] of Object.entries(IMPURE)) await put(`src/${room}/may-not-${name}.ts`, text)
  }
  for (const [path, [, text]] of Object.entries(MISPLACED)) await put(path, text)
  for (const [path, text] of Object.entries(ALLOWED)) await put(path, text)
  broken = await lint()
})
afterAll(() => rm(copy, { recursive: true, force: true }))

describe('the linter keeps the rooms apart', () => {
  for (const room of ['decide', 'model', 'manifests', 'traffic']) {
    for (const [name, [rule]] of Object.entries(IMPURE)) {
      it(`src/${room} may not ${name.replaceAll('-', ' ')}`, () => {
        expect([...(broken.get(`src/${room}/may-not-${name}.ts`) ?? [])]).toContain(rule)
      })
    }
  }

  for (const [path, [rule, text]] of Object.entries(MISPLACED)) {
    it(`${path} is refused: ${text.split('\n')[0]}`, () => {
      expect([...(broken.get(path) ?? [])]).toContain(rule)
    })
  }

  for (const path of Object.keys(ALLOWED)) {
    it(`${path} is accepted`, () => {
      expect([...(broken.get(path) ?? [])]).toEqual([])
    })
  }

  it('and everything else in src is clean', () => {
    const added = [...Object.keys(MISPLACED), ...Object.keys(ALLOWED)]
    const others = [...broken.keys()].filter((path) => !path.includes('/may-not-') && !added.includes(path))
    expect(others).toEqual([])
  })
})

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(copy, path)), { recursive: true })
  await writeFile(join(copy, path), text)
}

async function lint(): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>()
  for (const { category, location } of JSON.parse(await report()).diagnostics) {
    const path = typeof location?.path === 'string' ? location.path : location?.path?.file
    const rules = found.get(path) ?? new Set()
    found.set(path, rules.add(String(category).split('/').at(-1) ?? ''))
  }
  return found
}

/** Biome ends with an error code as soon as it finds something, which it must here. */
function report(): Promise<string> {
  const biome = join(ROOT, 'node_modules/.bin/biome')
  const options = ['lint', '--reporter=json', '--max-diagnostics=none', '.']
  return new Promise((resolve, reject) => {
    execFile(biome, options, { cwd: copy, maxBuffer: 64 * 1024 * 1024 }, (error, stdout) =>
      stdout.startsWith('{') ? resolve(stdout) : reject(error ?? new Error('Biome printed no report')),
    )
  })
}
