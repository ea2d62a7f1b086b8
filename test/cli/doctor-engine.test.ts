import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { createRepo } from '../support/git-repo.ts'
import { run } from '../support/install.ts'
import { mountSmallDisk } from '../support/small-disk.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { holdfast } from './program.ts'

interface Check {
  name: string
  state: string
  what: string
  fix: string | null
}

/** A set-up in which all is well, on the test's engine. */
async function bench() {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const repo = await createRepo(join(folder.path, 'config.git'))
  await repo.commit({ 'README.md': 'empty' }, 'First')
  const data = join(folder.path, 'data')
  mkdirSync(data, { mode: 0o700 })
  const env = {
    HOLDFAST_DATA: data,
    HOLDFAST_REPO: repo.path,
    HOLDFAST_ENGINE: `unix://${inject('engineSocket')}`,
    HOLDFAST_DOCKER_CONFIG: folder.path,
    // Other tests make networks of the default one meanwhile.
    HOLDFAST_POOL: '10.250.0.0/16',
  }
  const doctor = async (more: Record<string, string> = {}) => {
    const { code, out } = await holdfast(['doctor', '--json'], { ...env, ...more })
    const { ok, checks } = JSON.parse(out) as { ok: boolean; checks: Check[] }
    return { code, ok, checks, of: (name: string) => checks.find((check) => check.name === name) }
  }
  return { data, env, doctor }
}

test('where all is well it fails nothing, and warns of a host that passes no packets on', async () => {
  const { doctor, env } = await bench()
  const { code, ok, checks, of } = await doctor()
  expect({ code, ok }).toEqual({ code: 0, ok: true })
  expect(checks.filter(({ state }) => state === 'failed')).toEqual([])
  expect(of('engine')?.what).toMatch(/^Docker \d+\.\S+ \(API 1\.\d+\), linux\/\S+, at unix:\/\//)
  expect(of('engine clock')).toMatchObject({ state: 'ok' })
  expect(of('engine disk')?.what).toMatch(/\d+ [KMGT]iB free for images and volumes/)
  expect(of('pool')).toMatchObject({ state: 'ok', what: '10.250.0.0/16 is free for networks' })
  // The engine of the tests is started without forwarding; whether the host forwards is the host's.
  expect(of('engine network')).toMatchObject({ state: expect.stringMatching(/^(ok|warning)$/) })
  expect((await holdfast(['doctor'], env)).out).toMatch(/^✓ engine: Docker /m)
})

test('several engines, one of which is away: the others are looked at', async () => {
  const { doctor, data } = await bench()
  const { code, of } = await doctor({ HOLDFAST_TARGETS: `edge=unix://${data}/none.sock` })
  expect(code).toBe(1)
  expect(of('engine')).toMatchObject({ state: 'ok' })
  expect(of('engine edge')).toMatchObject({ state: 'failed', fix: expect.stringContaining('`targets.edge.engine`') })
})

test('a pool to which this machine has a route elsewhere: to a part of it, or to the whole', async () => {
  const { doctor } = await bench()
  const route = ['10.249.0.0/17', 'dev', 'lo']
  await run('ip', ['route', 'add', ...route])
  onTestFinished(async () => void (await run('ip', ['route', 'del', ...route])))
  const half = await doctor({ HOLDFAST_POOL: '10.249.0.0/16' })
  expect(half.code).toBe(0)
  expect(half.of('pool')).toMatchObject({
    state: 'warning',
    what: expect.stringMatching(/overlaps with 10\.249\.0\.0\/17: 128 of 256 subnets/),
    fix: expect.stringContaining('--pool'),
  })
  const whole = await doctor({ HOLDFAST_POOL: '10.249.64.0/18' })
  expect(whole.code).toBe(1)
  expect(whole.of('pool')).toMatchObject({ state: 'failed', what: expect.stringContaining('no network can be made') })
})

test('a data directory on a disk that is small, that is full, and that can only be read', async () => {
  const { doctor, data } = await bench()
  const disk = await mountSmallDisk(data, '64m')
  const small = await doctor()
  expect(small.of('data disk')).toMatchObject({ state: 'warning', what: expect.stringMatching(/only 6\d MiB free/) })
  disk.fill()
  const full = await doctor()
  expect(full.code).toBe(1)
  expect(full.of('data directory')).toMatchObject({
    state: 'failed',
    what: expect.stringContaining('no space left'),
    fix: expect.stringContaining('--data'),
  })
  await disk.unmount()
  const locked = await mountSmallDisk(data, '64m', 'ro')
  onTestFinished(() => locked.unmount())
  const readOnly = await doctor()
  expect(readOnly.of('data directory')).toMatchObject({
    state: 'failed',
    what: expect.stringContaining('read-only'),
    fix: expect.stringContaining('for writing'),
  })
})
