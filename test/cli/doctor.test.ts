import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { tryLock } from '../../src/store/lock.ts'
import { makeAuthority } from '../support/certificates.ts'
import { createRepo, type Repo } from '../support/git-repo.ts'
import { startGitServer } from '../support/git-server.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { holdfast } from './program.ts'
import { documented } from './schema.ts'

interface Bench {
  folder: string
  data: string
  repo: Repo
  /** Runs `doctor` on a set-up in which all is well but the engine, which is not there. */
  doctor(env?: Record<string, string>): Promise<Found>
}

/** How `doctor` ended, and what it said of each part. */
interface Found {
  code: number | null
  of(name: string): unknown
}

async function bench(): Promise<Bench> {
  const temporary = temporaryFolder()
  onTestFinished(temporary.remove)
  const folder = temporary.path
  const data = join(folder, 'data')
  const repo = await createRepo(join(folder, 'config.git'))
  await repo.commit({ 'README.md': 'empty' }, 'First')
  const usual = {
    HOLDFAST_DATA: data,
    HOLDFAST_REPO: repo.path,
    HOLDFAST_ENGINE: `unix://${folder}/none.sock`,
    HOLDFAST_DOCKER_CONFIG: folder,
  }
  async function doctor(env: Record<string, string> = {}): Promise<Found> {
    const { code, out, err } = await holdfast(['doctor', '--json'], { ...usual, ...env })
    expect(err).toBe('')
    const { checks } = documented<{ checks: { name: string }[] }>('doctor', out)
    return { code, of: (name) => checks.find((check) => check.name === name) }
  }
  return { folder, data, repo, doctor }
}

const broken = (what: RegExp, fix: string) => ({
  state: 'failed',
  what: expect.stringMatching(what),
  fix: expect.stringContaining(fix),
})

test('a first set-up: what is there and what the first start makes, each fix under what it mends, and nothing is left', async () => {
  const { folder, data, repo } = await bench()
  const env = { HOLDFAST_DATA: data, HOLDFAST_REPO: repo.path, HOLDFAST_ENGINE: `unix://${folder}/none.sock` }
  const { code, out } = await holdfast(['doctor'], { ...env, DOCKER_CONFIG: folder })
  expect(code).toBe(1)
  expect(out).toMatch(/^✓ settings: options and variables, no file$/m)
  expect(out).toMatch(/^✓ data directory: \S+ is not there yet; the first start makes it$/m)
  expect(out).toMatch(/^- database: \S+ is not there yet/m)
  expect(out).toMatch(/^✓ source: branch main is at [0-9a-f]{8} \(First\)$/m)
  expect(out).toMatch(/^✗ engine: There is no Docker engine at \S+none\.sock.*\n {4}→ docker -H unix:\S+ version/m)
  expect(readdirSync(folder)).toEqual(['config.git'])
})

test('no engine, a socket that is none, and one over TCP that everybody on the way would control', async () => {
  const { folder, doctor } = await bench()
  const none = await doctor()
  expect(none.of('engine')).toMatchObject(broken(/There is no Docker engine at/, 'targets.default.engine'))
  expect(none.code).toBe(1)

  const socket = join(folder, 'other.sock')
  const other = createServer((_, response) => response.end('{"hello":"world"}')).listen(socket)
  onTestFinished(() => void other.close())
  const wrong = await doctor({ HOLDFAST_ENGINE: `unix://${socket}` })
  expect(wrong.of('engine')).toMatchObject(broken(/cannot be used as a Docker engine/, `docker -H unix://${socket}`))

  const plain = await doctor({ HOLDFAST_ENGINE: 'tcp://192.0.2.1:2375' })
  expect(plain.of('engines')).toMatchObject(broken(/control of that machine.*--engine-tls/, 'targets.<name>.engine'))
  expect(plain.of('source')).toMatchObject({ state: 'ok' })
})

test('a repository: not there, closed, without the branch, behind an unknown authority', async () => {
  const { folder, doctor } = await bench()
  const open = await startGitServer(folder)
  const closed = await startGitServer(folder, { login: { user: 'git', password: 'secret' } })
  onTestFinished(open.close)
  onTestFinished(closed.close)
  const missing = await doctor({ HOLDFAST_REPO: open.url('other.git') })
  expect(missing.of('source')).toMatchObject(broken(/no such repository/, 'git ls-remote'))
  const refused = await doctor({ HOLDFAST_REPO: closed.url('config.git') })
  expect(refused.of('source')).toMatchObject(broken(/401/, 'HOLDFAST_GIT_TOKEN_FILE'))
  const branch = await doctor({ HOLDFAST_REPO: open.url('config.git'), HOLDFAST_BRANCH: 'live' })
  expect(branch.of('source')).toMatchObject(broken(/live.*main/s, '`sources.default.branch` (HOLDFAST_BRANCH)'))
  const local = await doctor({ HOLDFAST_REPO: join(folder, 'nowhere') })
  expect(local.of('source')).toMatchObject(broken(/does not exist/, '`sources.default.url` (HOLDFAST_REPO)'))

  const home = await (await makeAuthority(folder)).issue('server')
  const read = (name: string) => readFileSync(join(home, name), 'utf8')
  const tls = await startGitServer(folder, { tls: { cert: read('cert.pem'), key: read('key.pem') } })
  onTestFinished(tls.close)
  const unknown = await doctor({ HOLDFAST_REPO: tls.url('config.git') })
  expect(unknown.of('source')).toMatchObject(broken(/authority that is not known/, 'HOLDFAST_GIT_CA_FILE'))
  const ca = join(home, 'ca.pem')
  const known = await doctor({ HOLDFAST_REPO: tls.url('config.git'), HOLDFAST_GIT_CA_FILE: ca })
  expect(known.of('source')).toMatchObject({ state: 'ok' })
})

test('the data directory: its rights, its key file, its database, and who works with it', async () => {
  const { folder, data, doctor } = await bench()
  mkdirSync(data, { mode: 0o755 })
  chmodSync(data, 0o755)
  // By a process that ends: a connection of this one would write its pages back over what is damaged below.
  expect(await holdfast(['history'], { HOLDFAST_DATA: data })).toMatchObject({ code: 0 })
  const lost = await doctor()
  expect(lost.of('data directory')).toMatchObject({ state: 'warning', fix: `chmod 700 ${data}` })
  expect(lost.of('key file')).toMatchObject({ state: 'warning', what: expect.stringContaining('is not there') })
  expect(lost.of('database')).toMatchObject({ state: 'ok' })

  const key = join(data, 'key')
  writeFileSync(key, 'a'.repeat(64), { mode: 0o644 })
  chmodSync(key, 0o644)
  expect((await doctor()).of('key file')).toMatchObject(broken(/can be read by others/, `chmod 600 ${key}`))

  const lock = tryLock(data)
  expect((await doctor()).of('running')).toMatchObject({ state: 'ok', what: `a Holdfast runs on ${data}` })
  lock?.release()

  // What its log holds would be taken for the database.
  rmSync(join(data, 'holdfast.db-wal'), { force: true })
  writeFileSync(join(data, 'holdfast.db'), 'garbage'.repeat(1000))
  const damaged = await doctor()
  expect(damaged.of('database')).toMatchObject(broken(/is damaged .*mv \S+holdfast\.db\* /s, 'docs/operations.md'))

  const file = join(folder, 'file')
  writeFileSync(file, '')
  const unmade = await doctor({ HOLDFAST_DATA: join(file, 'data') })
  expect(unmade.of('data directory')).toMatchObject(broken(/cannot be made/, '`data` (--data)'))
})

test('settings that cannot be read stop it there, with the place in the file', async () => {
  const { folder, doctor } = await bench()
  const file = join(folder, 'holdfast.yaml')
  writeFileSync(file, 'sources:\n  one: { url: ./config.git, brnch: main }\n')
  const typo = await doctor({ HOLDFAST_SETTINGS: file })
  expect(typo.code).toBe(1)
  expect(typo.of('settings')).toMatchObject(broken(/holdfast\.yaml:2:\d+.*Did you mean `branch`/s, 'docs/settings.md'))
  writeFileSync(file, 'sources: { one: { url: ./config.git, poll: sometimes } }\npolicy: { registries: ["a b"] }\n')
  const age = await doctor({ HOLDFAST_AGE_KEY: 'AGE-SECRET-KEY-1WRONG' })
  expect(age.of('source')).toMatchObject(broken(/age key/, '`sources.default.ageKeyFile`'))
  const meaning = await doctor({ HOLDFAST_SETTINGS: file, HOLDFAST_REPO: '' })
  expect(meaning.of('source one')).toMatchObject(broken(/"sometimes" is not a cron/, '`sources.one.poll`'))
  expect(meaning.of('policy')).toMatchObject(broken(/holdfast\.yaml:2:\d+/, 'docs/policy.md'))
  writeFileSync(file, 'sources:\n  one: { url: ./config.git, tokenFile: ./none }\n')
  const gone = await doctor({ HOLDFAST_SETTINGS: file })
  expect(gone.of('sources')).toMatchObject(broken(/none cannot be read/, '`sources`'))
})

test('logins to registries: a configuration that is broken, and a helper that is not installed', async () => {
  const { folder, doctor } = await bench()
  const config = join(folder, 'config.json')
  writeFileSync(config, '{ "auths": oops')
  expect((await doctor()).of('registries')).toMatchObject(broken(/it is not JSON/, `docker --config ${folder} login`))
  writeFileSync(config, JSON.stringify({ credHelpers: { 'registry.example.org': 'of-nobody' } }))
  const missing = (await doctor()).of('registries')
  expect(missing).toMatchObject(broken(/docker-credential-of-nobody, which is not in PATH/, 'credHelpers'))
  writeFileSync(join(folder, 'docker-credential-of-nobody'), '#!/bin/sh\n', { mode: 0o755 })
  const found = await doctor({ PATH: `${process.env['PATH']}:${folder}` })
  expect(found.of('registries')).toMatchObject({ state: 'ok', what: expect.stringContaining('one registry') })
})
