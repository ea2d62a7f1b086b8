import { setTimeout as sleep } from 'node:timers/promises'
import { executionsAt } from '../../support/traffic/executed.ts'
import { type Load, openLoad, reachLoad } from '../../support/traffic/load.ts'
import type { LoadFigures } from '../../support/traffic/program/load.ts'
import { clock } from '../../support/traffic/program/tally.ts'
import type { Seen, Window } from './figures.ts'
import { BYSTANDERS, outsidePlan } from './plans.ts'
import type { Behaviour } from './stack.ts'
import type { Way } from './way.ts'

const WARM_UP_MS = 8_000
/** Of what is told of an update that failed: the end says the most. */
const LONGEST = 1_500

interface Course {
  /** What is to become of each update. */
  updates: Behaviour[]
  perSecond: number
  pauseMs: number
  say(line: string): void
}

/** Updates again and again under load, and tells what the load saw. */
export async function measure(way: Way, course: Course): Promise<Seen> {
  const outside = await openLoad(outsidePlan(way.ports, course.perSecond))
  try {
    const loads = [outside, reachLoad(`http://${await way.addressOf('inside')}:8080`)]
    // The gateway knows how a service is spoken to from its first answer on; it is no new service that is tried here.
    await fetch(`http://127.0.0.1:${way.ports.web}`)
    for (const load of loads) await load.start()
    await sleep(WARM_UP_MS)
    const warmFrom = clock()
    const updates = await updateAll(way, course, loads)
    const reports = await Promise.all(loads.map((load) => load.end()))
    const executions = await executionsAt(await way.addressOf('peer'))
    return { report: Object.assign({}, ...reports), executions, warmFrom, ...updates }
  } finally {
    outside.kill()
  }
}

/** One after the other, up to the first that does not become what it has to. */
async function updateAll(way: Way, course: Course, loads: Load[]): Promise<Pick<Seen, 'windows' | 'stopped'>> {
  const windows: Window[] = []
  for (const [index, behaviour] of course.updates.entries()) {
    await sleep(course.pauseMs)
    const from = clock()
    const outcome = await way.update(index + 1, behaviour).catch((error: unknown) => new Error(String(error)))
    const to = clock()
    windows.push({ from, to })
    const which = `${index + 1}/${course.updates.length} ${behaviour}`
    if (outcome instanceof Error) return { windows, stopped: `update ${which}: ${outcome.message.slice(-LONGEST)}` }
    course.say(`${way.title} ${which}: ${outcome} in ${((to - from) / 1_000).toFixed(1)} s; ${await soFar(loads)}`)
  }
  await sleep(course.pauseMs)
  return { windows, stopped: null }
}

async function soFar(loads: Load[]): Promise<string> {
  const all: LoadFigures = Object.assign({}, ...(await Promise.all(loads.map((load) => load.figures()))))
  const failures = (name: string) => Object.values(all[name]?.failures ?? {}).reduce((sum, one) => sum + one, 0)
  const names = Object.keys(all).filter((name) => !BYSTANDERS.includes(name))
  const sent = names.reduce((sum, name) => sum + (all[name]?.sent ?? 0), 0)
  const failed = names.filter((name) => failures(name) > 0).map((name) => `${failures(name)} of ${name}`)
  return `${sent} sent, failed: ${failed.join(', ') || 0}`
}
