import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { type PrivateEngine, startPrivateEngine } from '../../support/docker.ts'
import { ensureDockerCompose } from '../../support/docker-compose.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { ensureServiceImage } from '../../support/traffic/service-image.ts'
import { type Result, resultOf, type Seen } from './figures.ts'
import { openHoldfast } from './holdfast.ts'
import { measure } from './measure.ts'
import { type Options, readOptions, type WayName } from './options.ts'
import { openScale } from './scale.ts'
import type { Behaviour } from './stack.ts'
import { missed, tableOf } from './table.ts'
import { openUp } from './up.ts'
import type { Way } from './way.ts'

/**
 * What an update costs those who use the service: constant load while it is updated again and again, with Holdfast and in
 * the ways it is done without. `npm run bench:traffic`; takes some 35 minutes and needs what the tests need.
 */
const BAD: Behaviour[] = ['exits', 'never-healthy', 'turns-unhealthy']
/** Of what failed. */
const LINES = 100
const cleanups: (() => Promise<void> | void)[] = []

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void cleanUp().finally(() => process.exit(130)))
let code = 1
try {
  code = await main(readOptions(process.argv.slice(2)))
} catch (error) {
  console.error(error)
} finally {
  await cleanUp()
}
process.exit(code)

async function main(options: Options): Promise<number> {
  const folder = temporaryFolder()
  cleanups.push(() => folder.remove())
  const engine = await startPrivateEngine({ say: console.log })
  cleanups.push(() => engine.stop())
  await ensureServiceImage(engine.socket)
  if (options.ways.some((way) => way !== 'holdfast')) await ensureDockerCompose()
  console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${options.perSecond} requests a second`)
  const results: [WayName, string, Result][] = []
  for (const name of options.ways) results.push([name, ...(await tryOut(name, engine, folder.path, options))])
  console.log(`\n${tableOf(results.map(([, title, result]) => [title, result]))}\n`)
  return verdict(results.find(([name]) => name === 'holdfast')?.[2])
}

async function tryOut(
  name: WayName,
  engine: PrivateEngine,
  folder: string,
  options: Options,
): Promise<[string, Result]> {
  const way = await open(name, engine, folder, options)
  cleanups.push(() => way.close())
  const bad = (index: number) => BAD[Math.floor(index / 2) % BAD.length] ?? 'exits'
  const updates = Array.from({ length: name === 'holdfast' ? options.rollouts : options.updates }, (_, index) =>
    name === 'holdfast' && index % 2 === 1 ? bad(index) : 'good',
  )
  const { perSecond, pauseMs } = options
  const seen = await measure(way, { updates, perSecond, pauseMs, say: console.log })
  const told = await way.told()
  await cleanUp(1)
  if (options.keep !== '') await keep(join(options.keep, name), seen, told)
  return [way.title, resultOf(seen)]
}

async function keep(path: string, seen: Seen, told: string): Promise<void> {
  await writeFile(`${path}.json`, JSON.stringify(seen))
  await writeFile(`${path}.log`, told)
}

function open(name: WayName, engine: PrivateEngine, folder: string, options: Options): Promise<Way> {
  const at = { socket: engine.socket, folder }
  if (name === 'up') return openUp(at, options.perSecond)
  return name === 'scale' ? openScale(at, options.perSecond) : openHoldfast(engine, options)
}

/** The exit code. */
function verdict(result: Result | undefined): number {
  if (!result) return 0
  const all = missed(result)
  for (const line of result.incidents.slice(0, LINES)) console.log(line)
  console.log(all.length === 0 ? 'The target is met.' : `The target is missed: ${all.join(', ')}.`)
  return all.length === 0 ? 0 : 1
}

/** The last `count` of what was started ends first. */
async function cleanUp(count = cleanups.length): Promise<void> {
  for (let left = count; left > 0; left -= 1) await cleanups.pop()?.()
}
