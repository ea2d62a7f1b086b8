import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { stepLine } from '../decide/narrate.ts'
import { formatProblem } from '../manifests/format.ts'
import { HoldfastError } from '../model/errors.ts'
import type { Stack } from '../model/stack.ts'
import type { StackStatus } from '../model/status.ts'
import type { Step } from '../model/steps.ts'
import type { Snapshot } from '../source/source.ts'
import { readTip, resolveImages, type Tip, type TipStack } from '../tip.ts'
import type { Adapters } from './adapters.ts'
import { makeDataDirectory } from './data.ts'
import { openEngines, reachAny } from './engines.ts'
import { EXIT } from './exit.ts'
import { readKeys } from './keys.ts'
import { ENGINE_SETTINGS, loadOptionsOf, poolOf, repoOf, type Settings, withSettings } from './options.ts'
import { type Planned, planAll } from './plan-all.ts'
import { print, printJson } from './print.ts'

interface PlanOptions extends Settings {
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
  withSettings(command, ['repo', 'branch', 'data', 'keyFile', ...ENGINE_SETTINGS, 'bindRoot', 'pool'])
  return command.action((stack: string | undefined, options: PlanOptions) => plan(stack, options, adapters))
}

async function plan(wanted: string | undefined, options: PlanOptions, adapters: Adapters): Promise<void> {
  if (options.adopt && wanted === undefined) throw new HoldfastError('terminal', WHICH_TO_ADOPT)
  const engines = openEngines(options, adapters)
  const data = makeDataDirectory(options)
  const keys = readKeys(options)
  const store = adapters.openStore(data, keys)
  const resolve = (wanted: Stack) => resolveImages(wanted, engines.of(wanted.target))
  try {
    const parts = { engines, store, resolve, load: loadOptionsOf(options, keys) }
    await reachAny(engines)
    const tip = await withSnapshot(options, adapters, (snapshot) => readTip(snapshot, parts, []))
    const chosen = choose(tip, wanted).map(({ name }) => name)
    const all = await planAll(tip, chosen, { ...parts, pool: poolOf(options), adopt: options.adopt ? chosen : [] })
    const planned = all.filter(({ name }) => chosen.includes(name))
    if (options.json) printJson(asJson(tip, planned))
    else print(asText(tip, planned))
    process.exitCode = exitCodeOf(tip, planned)
  } finally {
    store.close()
  }
}

/** A running Holdfast keeps its copy of the repository to itself: this look has one of its own. */
async function withSnapshot<T>(settings: Settings, adapters: Adapters, work: (snapshot: Snapshot) => Promise<T>) {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-plan-'))
  try {
    const source = adapters.openSource({ repo: repoOf(settings), branch: settings.branch, directory })
    return await work(await source.sync())
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function choose(tip: Tip, wanted: string | undefined): TipStack[] {
  const chosen = tip.stacks.filter(({ name }) => wanted === undefined || name === wanted)
  if (wanted === undefined || chosen.length > 0) return chosen
  const names = tip.stacks.map(({ name }) => name).join(', ')
  throw new HoldfastError('terminal', `Commit ${tip.commit.slice(0, 8)} holds no stack ${wanted}. It holds: ${names}`)
}

function asText(tip: Tip, planned: Planned[]): string[] {
  const head = `commit ${tip.commit.slice(0, 8)} ${tip.subject}`
  if (planned.length === 0) return [head, ...tip.problems.map(formatProblem), 'There is no stack.']
  return [head, ...tip.problems.map(formatProblem), ...planned.flatMap(stackText)]
}

function stackText({ name, latest, plan: { steps, notes, status, onResume } }: Planned): string[] {
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
function asJson({ commit, subject, problems }: Tip, planned: Planned[]): unknown {
  const stacks = planned.map(({ name, latest, plan: { steps, notes, status, onResume } }) => ({
    stack: name,
    release: latest.digest,
    blocked: latest.blocked,
    gone: latest.gone,
    problems: latest.problems,
    steps: steps.map(brief),
    notes,
    status,
    ...(onResume ? { onResume: { steps: onResume.steps.map(brief), status: onResume.status } } : {}),
  }))
  return { commit, subject, problems, stacks }
}

function brief({ kind, resource, because }: Step): Pick<Step, 'kind' | 'resource' | 'because'> {
  return { kind, resource, because }
}

function exitCodeOf(tip: Tip, planned: Planned[]): number {
  const isBad = tip.problems.some(({ severity }) => severity === 'error')
  if (isBad || planned.some(({ latest }) => latest.blocked !== null)) return EXIT.error
  if (planned.some(({ plan }) => plan.status.sync === 'Blocked')) return EXIT.error
  return planned.some((stack) => stack.plan.steps.length > 0) ? EXIT.changes : EXIT.ok
}
