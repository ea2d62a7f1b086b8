import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { planEngine } from './install.ts'

let path: string
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'holdfast-path-'))
})
afterEach(() => rm(path, { recursive: true, force: true }))

const root = { platform: 'linux', uid: 0 }

test('an engine that is installed is used', async () => {
  for (const program of ['dockerd', 'iptables', 'ip']) await writeFile(join(path, program), '')
  expect(planEngine({ ...root, path: `/nowhere:${path}` })).toEqual({ kind: 'use', dockerd: join(path, 'dockerd') })
})

test('on Debian a missing engine, or a part of it, is installed', async () => {
  for (const program of ['apt-get', 'dockerd', 'ip']) await writeFile(join(path, program), '')
  expect(planEngine({ ...root, path })).toEqual({ kind: 'install' })
})

test('where it cannot be had, a person is told what to do', () => {
  const next = (machine: { platform: string; uid: number }) => planEngine({ ...machine, path })
  expect(next(root)).toEqual({ kind: 'impossible', next: expect.stringContaining('install Docker Engine') })
  expect(next({ platform: 'linux', uid: 1000 })).toEqual({ kind: 'impossible', next: expect.stringContaining('sudo') })
  expect(next({ platform: 'darwin', uid: 0 })).toEqual({ kind: 'impossible', next: expect.stringContaining('Linux') })
})
