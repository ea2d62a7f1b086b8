import { setTimeout as sleep } from 'node:timers/promises'
import { type Check, checkAnswered, checkAnswers, checkFewest, checkSame, checkSlots, runs } from './checks.ts'
import { type Client, since } from './client.ts'
import type { DemoEngine } from './engine.ts'
import type { Holdfast, StackReport } from './holdfast.ts'
import type { Tags } from './images.ts'
import { look } from './look.ts'
import type { Monitor } from './monitor.ts'
import type { DemoRepository } from './repository.ts'

/** What the story is played with. */
export interface Cast {
  engine: DemoEngine
  instance: string
  tags: Tags
  repository: DemoRepository
  /** The commit that Holdfast was started on. */
  first: string
  holdfast: Holdfast
  monitor: Monitor
  client: Client
  /** Set by Ctrl-C; every wait ends with it. */
  signal: AbortSignal
  /** Begins a chapter; the returned function ends it. */
  begin(chapter: ChapterName, commit: string | null): (state: 'good' | 'undone', outcome: string) => void
  check(check: Check): void
}

/** In the order in which they are played. */
export const CHAPTERS = {
  first: 'Shop 1.0, site and worker',
  good: 'Shop 1.1',
  bad: 'Shop 1.2',
  again: 'git is looked at again',
  fix: 'Revert "Shop 1.2"',
}

export type ChapterName = keyof typeof CHAPTERS

const LIMIT_MS = 90_000
const LOOK_EVERY_MS = 300
const LOOKS_AGAIN = 3

/** Five chapters, each played by the real program and then checked with the engine. */
export async function play(cast: Cast): Promise<void> {
  await firstCommit(cast)
  await goodCommit(cast)
  await badCommit(cast)
  await lookAgain(cast)
  await fixCommit(cast)
}

async function firstCommit(cast: Cast): Promise<void> {
  const { repository, monitor } = cast
  const end = cast.begin('first', cast.first)
  await until(cast, 'all three stacks to run', (all) => all.length === repository.stacks.length && all.every(isGood))
  end('good', 'all stable')
  await checkState(cast, '1.0')
  monitor.reset()
  cast.client.start()
}

async function goodCommit(cast: Cast): Promise<void> {
  const { docker } = cast.engine
  const others = ['site/', 'worker/', 'shop/db'] as const
  const before = await Promise.all(others.map((prefix) => runningNow(cast, prefix)))
  const commit = await cast.repository.shop('1.1', CHAPTERS.good)
  const end = cast.begin('good', commit)
  await untilShop(cast, 'shop 1.1 to be stable', (shop) => shop.commit === commit && isGood(shop))
  end('good', 'one by one, stable')
  await checkState(cast, '1.1')
  cast.check(checkAnswered('no request failed while 1.1 took over from 1.0', cast.client.counted(), ['1.0', '1.1']))
  cast.check(checkFewest('three shop replicas were healthy all through the update', cast.monitor.measured()))
  const replicas = await lookNow(cast)
  const after = await Promise.all(others.map((prefix) => runs(docker, replicas, prefix)))
  cast.check(checkSame('database, site and worker were not touched by it', before.flat(), after.flat()))
}

async function badCommit(cast: Cast): Promise<void> {
  const before = await runningNow(cast, 'shop/')
  const counted = cast.client.counted()
  cast.monitor.reset()
  const commit = await cast.repository.shop('1.2-broken', CHAPTERS.bad)
  const end = cast.begin('bad', commit)
  await untilShop(cast, 'shop 1.2 to be rolled back', (shop) => shop.commit === commit && isBack(shop))
  end('undone', 'failed, back to 1.1')
  await checkState(cast, '1.1')
  const seen = since(counted, cast.client.counted())
  cast.check(checkAnswered('no request failed while 1.2 did, and 1.1 answered all of them', seen, ['1.1']))
  cast.check(checkFewest('three shop replicas were healthy all through the bad one', cast.monitor.measured()))
  cast.check(checkSame('the same 1.1 containers served all the time', before, await runningNow(cast, 'shop/')))
  cast.check(await checkTriedOnce(cast))
}

/** Quarantine: the bad commit is still the newest, and nothing comes of it. */
async function lookAgain(cast: Cast): Promise<void> {
  const { repository, holdfast } = cast
  const steps = (await holdfast.history('shop')).length
  const asked = repository.requests()
  const end = cast.begin('again', null)
  await until(cast, 'the repository to be looked at again', () => repository.requests() >= asked + LOOKS_AGAIN)
  end('good', 'not tried again')
  const more = (await holdfast.history('shop')).length - steps
  const looks = repository.requests() - asked
  cast.check({
    claim: 'a release that failed is not tried again',
    holds: more === 0 && (await checkTriedOnce(cast)).holds,
    found: `${looks} more looks at git, ${more} more steps`,
  })
}

async function fixCommit(cast: Cast): Promise<void> {
  const before = await runningNow(cast, 'shop/')
  const commit = await cast.repository.shop('1.1', CHAPTERS.fix)
  const end = cast.begin('fix', commit)
  await untilShop(cast, 'the fix to be taken up', (shop) => shop.commit === commit && isGood(shop))
  end('good', 'in sync again')
  await checkState(cast, '1.1')
  cast.check(checkSame('the fix restarted nothing: 1.1 was running', before, await runningNow(cast, 'shop/')))
  await cast.client.stop()
  cast.check(checkAnswered('the client saw no failure from first to last', cast.client.counted(), ['1.0', '1.1']))
  const { asked, unanswered, trouble } = cast.monitor.measured()
  cast.check({
    claim: 'the site answered every request since its first answer',
    holds: asked > 0 && unanswered === 0,
    found: [`${asked} requests, ${unanswered} without its page`, ...(trouble === '' ? [] : [trouble])].join('; '),
  })
}

async function checkState(cast: Cast, shop: string): Promise<void> {
  const replicas = await lookNow(cast)
  cast.check(checkSlots(replicas, shop))
  cast.check(await checkAnswers(cast.engine.docker, replicas, shop))
}

async function checkTriedOnce(cast: Cast): Promise<Check> {
  const tried = (await lookNow(cast)).filter(({ image }) => image === 'sample/shop:1.2-broken')
  const up = tried.filter(({ health }) => health !== 'stopped').length
  return {
    claim: 'one replica of 1.2 was tried, and is stopped',
    holds: tried.length === 1 && up === 0,
    found: `${tried.length} made, ${up} running`,
  }
}

async function runningNow(cast: Cast, prefix: string): Promise<string[]> {
  return runs(cast.engine.docker, await lookNow(cast), prefix)
}

function lookNow({ engine, instance, tags }: Cast) {
  return look(engine.docker, instance, tags)
}

function isGood({ sync, health }: StackReport): boolean {
  return sync === 'Synced' && health === 'Healthy'
}

function isBack({ sync, health, quarantine }: StackReport): boolean {
  return sync === 'RolledBack' && health === 'Healthy' && Object.keys(quarantine).length === 1
}

function untilShop(cast: Cast, what: string, condition: (shop: StackReport) => boolean): Promise<void> {
  return until(cast, what, (all) => all.some((report) => report.stack === 'shop' && condition(report)))
}

/** Asks `holdfast status` until the condition holds; rejects with what it said last when that takes too long. */
async function until(cast: Cast, what: string, condition: (all: StackReport[]) => boolean): Promise<void> {
  const limit = performance.now() + LIMIT_MS
  for (;;) {
    const all = await cast.holdfast.status()
    if (condition(all)) return
    if (performance.now() > limit) throw new Error(`Waited ${LIMIT_MS / 1000} s in vain for ${what}.\n${told(all)}`)
    await sleep(LOOK_EVERY_MS, undefined, { signal: cast.signal })
  }
}

function told(all: StackReport[]): string {
  return all.map(({ stack, sync, health, message }) => `${stack}: ${sync}, ${health}: ${message}`).join('\n')
}
