import { Command } from 'commander'
import { stepLine } from '../decide/narrate.ts'
import { formatProblem } from '../manifests/format.ts'
import { hasErrors } from '../manifests/report.ts'
import { HoldfastError } from '../model/errors.ts'
import type { Stack } from '../model/stack.ts'
import type { StackStatus } from '../model/status.ts'
import type { Step } from '../model/steps.ts'
import type { Flags } from '../settings/flags.ts'
import { readSettings } from '../settings/read.ts'
import { readTip, resolveImages, type Tip, type TipStack } from '../tip.ts'
import type { Adapters } from './adapters.ts'
import { makeDataDirectory } from './data.ts'
import { openEngines, reachAny } from './engines.ts'
import { EXIT } from './exit.ts'
import { readKeys } from './keys.ts'
import { DEPLOY_SETTINGS, withSettings } from './options.ts'
import { decryptFor, loadOptionsOf } from './parts.ts'
import { type Planned, planAll } from './plan-all.ts'
import { print, printJson } from './print.ts'
import { withSnapshot } from './snapshot.ts'

interface PlanOptions extends Flags {
  json?: boolean
  adopt?: boolean
}

const WHICH_TO_ADOPT = 'Which stack is to be taken over? Name it: holdfast plan <stack> --adopt'

export function planCommand(adapters: Adapters): Command {
  const command = new Command('plan')
    .description('show what would happen now, step by step, and change nothing')
    .argument('[stack]', 'only this stack')
    .option('--json', 'print as JSON')
    .option('--adopt', 'as if taking over what docker compose made had been asked for (see: holdfast adopt)')
    .addHelpText('after', '\nExit code: 0 nothing to do, 2 there are changes, 1 something is wrong.')
  withSettings(command, DEPLOY_SETTINGS)
  return command.action((stack: string | undefined, options: PlanOptions) => plan(stack, options, adapters))
}

async function plan(wanted: string | undefined, options: PlanOptions, adapters: Adapters): Promise<void> {
  if (options.adopt && wanted === undefined) throw new HoldfastError('terminal', WHICH_TO_ADOPT)
  const settings = readSettings(options)
  const engines = openEngines(settings, adapters)
  const sources = settings.sources()
  const data = makeDataDirectory(settings)
  const keys = readKeys(settings)
  const store = adapters.openStore(data, keys)
  const resolve = (wanted: Stack) => resolveImages(wanted, engines.of(wanted.target))
  try {
    const names = sources.map(({ name }) => name)
    const parts = { engines, store, resolve, sources: names }
    await reachAny(engines)
    const common = loadOptionsOf(settings, keys)
    const read = sources.map((source) => {
      const load = { ...common, decrypt: decryptFor(source, adapters) }
      return withSnapshot(source, adapters, (snapshot) => readTip(snapshot, { ...parts, load, name: source.name }, []))
    })
    const tips = (await Promise.all(read)).map((tip, at) => ({ ...tip, source: names[at] ?? '' }))
    const stacks = tips.flatMap((tip) => tip.stacks)
    const chosen = choose(tips, wanted).map(({ name }) => name)
    const adopt = options.adopt ? chosen : []
    const all = await planAll(stacks, chosen, { ...parts, pool: settings.pool, adopt })
    const planned = all.filter(({ name }) => chosen.includes(name))
    if (options.json) printJson(asJson(tips, planned))
    else print(asText(tips, planned))
    process.exitCode = exitCodeOf(tips, planned)
  } finally {
    store.close()
  }
}

/** What the newest commit of a source asks for. */
interface SourceTip extends Tip {
  source: string
}

function choose(tips: SourceTip[], wanted: string | undefined): TipStack[] {
  const stacks = tips.flatMap((tip) => tip.stacks)
  const chosen = stacks.filter(({ name }) => wanted === undefined || name === wanted)
  if (wanted === undefined || chosen.length > 0) return chosen
  const names = stacks.map(({ name }) => name).sort()
  const commits = tips.map(({ commit }) => commit.slice(0, 8)).join(', ')
  throw new HoldfastError('terminal', `Commit ${commits} holds no stack ${wanted}. It holds: ${names.join(', ')}`)
}

function asText(tips: SourceTip[], planned: Planned[]): string[] {
  const heads = tips.flatMap((tip) => [headOf(tip, tips.length === 1), ...tip.problems.map(formatProblem)])
  if (planned.length === 0) return [...heads, 'There is no stack.']
  return [...heads, ...planned.flatMap(stackText)]
}

function headOf({ source, commit, subject }: SourceTip, isOnly: boolean): string {
  return `${isOnly ? '' : `${source}: `}commit ${commit.slice(0, 8)} ${subject}`
}

function stackText({ name, latest, plan: { steps, notes, status, onResume } }: Planned): string[] {
  if (status.sync === 'Unknown') return ['', `${name}: cannot be planned`, `  ${status.message}`]
  const title = `${name}: ${steps.length === 0 ? 'nothing to do' : count(steps.length)}`
  const lines = steps.map((step) => `  ${stepLine(step)}`)
  return [
    '',
    title,
    ...latest.problems.map(formatProblem),
    ...lines,
    ...notes.map((note) => `  note: ${note}`),
    ending(status),
    ...(onResume
      ? [`  on resume: ${onResume.steps.length === 0 ? 'nothing to do' : count(onResume.steps.length)}`]
      : []),
    ...(onResume ? [...onResume.steps.map((step) => `    ${stepLine(step)}`), `  ${ending(onResume.status)}`] : []),
  ]
}

function ending({ sync, health, message }: StackStatus): string {
  return `  then ${sync}, ${health}: ${message}`
}

function count(steps: number): string {
  return steps === 1 ? '1 step' : `${steps} steps`
}

/** Steps without their arguments: those hold the content of files and of the environment. */
function asJson(tips: SourceTip[], planned: Planned[]): unknown {
  const sources = tips.map(({ source, commit, subject, problems }) => ({ source, commit, subject, problems }))
  const stacks = planned.map(({ name, latest, plan: { steps, notes, status, onResume } }) => ({
    stack: name,
    source: latest.source,
    release: latest.digest,
    blocked: latest.blocked,
    gone: latest.gone,
    problems: latest.problems,
    steps: steps.map(brief),
    notes,
    status,
    ...(onResume ? { onResume: { steps: onResume.steps.map(brief), status: onResume.status } } : {}),
  }))
  return { sources, stacks }
}

function brief({ kind, resource, because }: Step): Pick<Step, 'kind' | 'resource' | 'because'> {
  return { kind, resource, because }
}

function exitCodeOf(tips: SourceTip[], planned: Planned[]): number {
  const isBad = tips.some(({ problems }) => hasErrors(problems))
  if (isBad || planned.some(({ latest }) => latest.blocked !== null)) return EXIT.error
  if (planned.some(({ plan }) => plan.status.sync === 'Blocked' || plan.status.sync === 'Unknown')) return EXIT.error
  return planned.some((stack) => stack.plan.steps.length > 0) ? EXIT.changes : EXIT.ok
}
