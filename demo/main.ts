import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pc from 'picocolors'
import { reasonOf } from '../src/model/errors.ts'
import { type Cleanup, openCleanup } from './cleanup.ts'
import { openClient } from './client.ts'
import { assertHostNetwork, assertNamesFree, openEngine, removeInstance } from './engine.ts'
import { startHoldfast } from './holdfast.ts'
import { buildSamples } from './images.ts'
import { look } from './look.ts'
import { startMonitor } from './monitor.ts'
import { openRepository } from './repository.ts'
import { openScreen, type Screen } from './screen.ts'
import { stopOnSignal } from './signals.ts'
import { openStage, type StagedCheck } from './stage.ts'
import { CHAPTERS, play } from './story.ts'
import { buildTraffic } from './traffic-image.ts'

/** Colours only for a terminal: a CI counts as one for picocolors, and keeps what it is sent. */
const colors = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported)

const SAMPLE = fileURLToPath(new URL('../sample-repo', import.meta.url))
const SITE_WITHIN_MS = 10_000
const EXIT = { ok: 0, failed: 1 } as const

interface Run {
  screen: Screen
  cleanup: Cleanup
  signal: AbortSignal
  /** Empty, and removed with everything in it. */
  home: string
}

async function main(): Promise<number> {
  const began = performance.now()
  const screen = openScreen(process.stdout, process.env)
  const cleanup = openCleanup(screen.line)
  const stop = stopOnSignal(screen)
  let code: number = EXIT.failed
  try {
    const checks = await demo({ screen, cleanup, signal: stop.signal, home: makeHome(cleanup) })
    code = conclude(checks, screen)
  } catch (error) {
    if (!stop.signal.aborted) screen.line(`\ndemo: ${reasonOf(error)}`)
  }
  screen.close()
  const left = await cleanup.run()
  if (left.length > 0 && code === EXIT.ok) code = EXIT.failed
  const clean = left.length === 0 ? 'everything it made is removed' : 'something is left, see above'
  screen.line(`${((performance.now() - began) / 1000).toFixed(0)} s in all; ${clean}`)
  return stop.code() ?? code
}

/** Sets the demo up, plays it, and gives what was checked. */
async function demo({ screen, cleanup, signal, home }: Run): Promise<StagedCheck[]> {
  const say = screen.line
  const instance = `demo${randomBytes(4).toString('hex')}`
  const engine = await openEngine(cleanup, say)
  signal.throwIfAborted()
  const repository = await openRepository({ sample: SAMPLE, home, cleanup, say })
  await assertHostNetwork(engine.socket, instance)
  await assertNamesFree(engine.docker, repository.stacks)
  const images = { engine, cleanup, say, root: join(SAMPLE, 'images'), instance, signal }
  const tags = await buildSamples(images)
  const trafficImage = await buildTraffic(images)
  const first = await repository.first(CHAPTERS.first)
  signal.throwIfAborted()

  const stage = openStage(screen)
  cleanup.add(`what the instance ${instance} made`, () => removeInstance(engine.docker, instance))
  const options = {
    repo: repository.url,
    socket: engine.socket,
    pool: engine.pool,
    data: join(home, 'data'),
    instance,
    trafficImage,
    cleanup,
  }
  say(`holdfast: node dist/main.js run, as the instance ${instance}\n`)
  const holdfast = startHoldfast({ ...options, onLine: stage.heard })
  const client = openClient(repository.shopUrl)
  const monitor = startMonitor({
    look: () => look(engine.docker, instance, tags),
    askSite: () => askSite(repository.siteUrl),
    onLook: () => stage.seen(monitor.replicas(), client.counted()),
    onTrouble: (error) => say(`demo: the engine cannot be looked at: ${reasonOf(error)}`),
  })
  try {
    await play({ ...stage, engine, instance, tags, repository, first, holdfast, monitor, client, signal })
  } finally {
    await Promise.all([monitor.stop(), client.stop()])
    stage.close()
  }
  return stage.checks()
}

function makeHome(cleanup: Cleanup): string {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-demo-'))
  const remove = () => rmSync(home, { recursive: true, force: true })
  cleanup.add(home, remove)
  // Also when a second Ctrl-C leaves no time for anything else.
  process.once('exit', remove)
  return home
}

/** What was wrong with its answer; empty when nothing was. */
async function askSite(url: string): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(SITE_WITHIN_MS) })
    const text = await answer.text()
    return answer.ok && text.includes('Hello from git') ? '' : `${answer.status}: ${text.slice(0, 80)}`
  } catch (error) {
    return reasonOf(error)
  }
}

function conclude(checks: StagedCheck[], screen: Screen): number {
  screen.line('\nChecked with the engine itself, not with what Holdfast says:')
  for (const [index, { chapter, claim, holds, found }] of checks.entries()) {
    if (chapter !== checks[index - 1]?.chapter) screen.line(`  ${colors.bold(chapter)}`)
    screen.line(`    ${holds ? colors.green('✓') : colors.red('✗')} ${claim} ${colors.dim(`(${found})`)}`)
  }
  const failed = checks.filter(({ holds }) => !holds).length
  screen.line(failed === 0 ? `\nAll ${checks.length} hold.` : `\n${failed} of ${checks.length} do not hold.`)
  return failed === 0 && checks.length > 0 ? EXIT.ok : EXIT.failed
}

// Connections to the engine are kept open for a next call; there is none.
process.exit(await main())
