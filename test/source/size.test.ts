import { expect, test } from 'vitest'
import { runChild } from '../support/child.ts'
import { fillRepo } from '../support/large-repo.ts'
import { bench } from './bench.ts'

const LIMIT_MIB = 300

/** Follows a branch in a process of its own. */
async function followed(url: string, branch: string, copies: string) {
  const child = runChild(import.meta.url, 'synchronise.ts', [url, branch, copies])
  await child.printed(1)
  const { mostMib, ...seen } = JSON.parse(child.lines()[0] ?? '{}')
  return { mostMib: Number(mostMib), seen }
}

test('G14 100,000 objects and a history of 300 MB are followed within 300 MiB of memory, 40,000 paths too', async () => {
  const { repo, server, copies } = await bench()
  await fillRepo(repo, { commits: 20_000, fileBytes: 9_500, paths: 40_000, pathBytes: 3_000 })
  await repo.git('branch', 'narrow', 'main~1')
  const counted = await repo.git('count-objects', '-v')
  const [objects, kib] = ['in-pack', 'size-pack'].map((name) => new RegExp(`^${name}: (.*)$`, 'm').exec(counted)?.[1])
  expect(Number(objects)).toBeGreaterThan(100_000)
  expect(Number(kib) / 1024).toBeGreaterThan(300)

  const url = server.url('config.git')
  const narrow = await followed(url, 'narrow', `${copies}-narrow`)
  expect(narrow.seen).toEqual({ paths: 100, bytes: 9_500 })
  expect(narrow.mostMib).toBeLessThan(LIMIT_MIB)

  const inPlace = await followed(repo.path, 'main', copies)
  expect(inPlace.seen).toEqual({ paths: 40_100, bytes: 9_500 })
  expect(inPlace.mostMib).toBeLessThan(LIMIT_MIB)

  const wide = await followed(url, 'main', copies)
  expect(wide.seen).toEqual({ paths: 40_100, bytes: 9_500 })
  expect(wide.mostMib).toBeLessThan(LIMIT_MIB)
})
