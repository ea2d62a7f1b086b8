import { Command } from 'commander'
import { formatProblem } from '../manifests/format.ts'
import { HoldfastError } from '../model/errors.ts'
import { short } from '../model/release.ts'
import type { StackStatus } from '../model/status.ts'
import type { Flags } from '../settings/flags.ts'
import { readSettings } from '../settings/read.ts'
import type { RepositoryState, StackEntry, Store } from '../store/store.ts'
import { sourceOf } from '../store/target.ts'
import type { Adapters } from './adapters.ts'
import { openExisting } from './data.ts'
import { withSettings } from './options.ts'
import { print, printJson } from './print.ts'
import { staleSince } from './stale.ts'
import { table } from './table.ts'

interface StatusOptions extends Flags {
  json?: boolean
}

export function statusCommand(adapters: Adapters): Command {
  const command = new Command('status')
    .description('show what git asks for and what runs, as last seen')
    .argument('[stack]', 'only this stack, with its problems')
    .option('--json', 'print as JSON')
  withSettings(command, ['data'])
  return command.action((stack: string | undefined, options: StatusOptions) => {
    const store = openExisting(readSettings(options), adapters)
    try {
      const names = choose(stack, store)
      if (options.json) printJson(asJson(names, store))
      else print(asText(names, store, stack !== undefined))
    } finally {
      store.close()
    }
  })
}

function choose(wanted: string | undefined, store: Store): string[] {
  const stacks = store.stacks()
  if (wanted === undefined) return stacks
  if (stacks.includes(wanted)) return [wanted]
  throw new HoldfastError('terminal', `There is no stack ${wanted}. Followed are: ${stacks.join(', ') || 'none'}.`)
}

function asText(names: string[], store: Store, withProblems: boolean): string[] {
  const head = ['STACK', 'SYNC', 'HEALTH', 'REPLICAS', 'RELEASE', 'COMMIT', 'MESSAGE']
  const rows = names.map((name) => row(name, store.stack(name)))
  const problems = withProblems ? names.flatMap((name) => store.stack(name).latest?.problems ?? []) : []
  const repositories = Object.entries(store.repositories())
  return [
    ...(names.length === 0 ? ['No stack is followed yet.'] : table([head, ...rows])),
    ...problems.map(formatProblem),
    '',
    ...(repositories.length === 0 ? ['repository: nothing was followed yet'] : []),
    ...repositories.flatMap(([source, state]) => repositoryLines(source, state)),
  ]
}

function row(name: string, entry: StackEntry): string[] {
  const { sync, health, services, message } = statusOf(entry)
  const commit = entry.latest?.commit.slice(0, 8) ?? '-'
  const release = releaseOf(entry)
  return [name, sync, health, replicas(services), release === null ? '-' : short(release), commit, message]
}

function statusOf({ status }: StackEntry): StackStatus {
  return status ?? { sync: 'Unknown', health: 'Unknown', services: {}, message: 'not looked at yet' }
}

/** The release that is being brought in, or the one that runs. */
function releaseOf({ record }: StackEntry): string | null {
  return record.rollout?.digest || record.stable
}

function replicas(services: StackStatus['services']): string {
  const counts = Object.values(services)
  const sum = (pick: 'ready' | 'wanted') => counts.reduce((total, count) => total + count[pick], 0)
  return counts.length === 0 ? '-' : `${sum('ready')}/${sum('wanted')}`
}

function repositoryLines(source: string, state: RepositoryState): string[] {
  const { commit, subject, problems, readAt, error } = state
  const known = commit === null ? 'nothing was followed yet' : `commit ${commit.slice(0, 8)} ${subject}`
  const read = `repository ${source}: ${known}${readAt === null ? '' : `; last read ${readAt}`}`
  const since = staleSince(state, Date.now())
  const stale = since === null ? '' : `stale since ${since}: `
  const unread = error === null ? [] : [`repository ${source}: ${stale}it cannot be read now: ${error}`]
  return [read, ...unread, ...problems.map(formatProblem)]
}

function asJson(names: string[], store: Store): unknown {
  const stacks = names.map((name) => {
    const entry = store.stack(name)
    const { commit, subject, problems } = entry.latest ?? { commit: null, subject: null, problems: [] }
    const source = sourceOf(entry)
    const { stable, previous, quarantine, suspended, paused, down = null } = entry.record
    const known = {
      release: releaseOf(entry),
      stable,
      previous,
      quarantine,
      suspended,
      paused,
      source,
      down,
      commit,
      subject,
      problems,
    }
    return { stack: name, ...statusOf(entry), ...known }
  })
  const repositories = Object.entries(store.repositories()).map(([source, state]) => {
    return [source, { ...state, staleSince: staleSince(state, Date.now()) }]
  })
  return { repositories: Object.fromEntries(repositories), stacks }
}
