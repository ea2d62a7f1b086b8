import type { Engine, EngineEvent } from '../engine/engine.ts'
import { type FollowParts, follow } from '../follow.ts'
import { reasonOf } from '../model/errors.ts'
import type { Moment } from '../model/record.ts'
import type { Prober, ProberOptions } from '../probe/prober.ts'
import { type Parts, reconcile } from '../reconcile.ts'
import type { HistoryEntry, Request, Store } from '../store/store.ts'
import { targetOf } from '../store/target.ts'
import { emptyTipMemory } from '../tip.ts'
import type { Answer } from './answer.ts'
import { dependents, signature } from './dependents.ts'
import { type Following, openFollowing } from './following.ts'
import { openFollowings } from './followings.ts'
import { type Happenings, openHappenings } from './happenings.ts'
import { watchInbox } from './inbox.ts'
import { type Lanes, openLanes } from './lanes.ts'
import { holdOrphans } from './orphans.ts'
import { createReporter, type Reporter } from './reporter.ts'
import { carryOut } from './requests.ts'
import { openResolving } from './resolving.ts'
import { onSchedule } from './schedule.ts'

export interface ControllerParts extends Omit<FollowParts, 'name' | 'sources' | 'source' | 'load'> {
  /** At least one, each with a name of its own. */
  sources: readonly FollowedSource[]
  openProber(options: ProberOptions): Prober
  /** Where networks of ours get their subnets from, in CIDR notation. */
  pool: string
  /** The monotonic clock of this process run. */
  now(): Moment
  /** Keeps an entry in the history and shows it to whoever watches. Must not throw. */
  report(entry: HistoryEntry): void
  /** Shows how far a step is that takes long. Must not throw. */
  showProgress?(stack: string, text: string): void
}

/** A source, and how its manifests are read. */
export interface FollowedSource extends Pick<FollowParts, 'name' | 'source' | 'load' | 'staleAfterMs'> {
  /** Cron expression: when to look at it. */
  poll: string
}

export interface ControllerOptions {
  /** Looks at the repositories and into the inbox by itself; else only when `handle` is asked to. */
  isAwake: boolean
  /** Reconcile this stack only; all of them when absent. */
  only?: string
  /** How often every stack is looked at although nothing happened. A minute when absent. */
  fullPassMs?: number
  /** How often the inbox is looked into. 250 ms when absent. */
  inboxMs?: number
  /** First waits after a failed look at the repository and after an unexpected error. 5 s and 1 s when absent. */
  sourceRetryMs?: number
  passRetryMs?: number
  /** First wait after the images of a stack could not be resolved. 10 s when absent. */
  resolveRetryMs?: number
}

export interface Controller {
  /** Carries a request out in this process; see `carryOut`. */
  handle(request: Request): Promise<Answer>
  /** Resolves when no pass and no look is under way; one that waits for its time does not count. */
  idle(): Promise<void>
  /** Begins nothing new; resolves when the steps that are being carried out have ended. */
  stop(): Promise<void>
}

/**
 * Decides when to reconcile: on start, by schedule, when the engine tells of a change, when a person asks, and when
 * the last pass said so. Throws a HoldfastError for a schedule that is none.
 */
export function startController(parts: ControllerParts, options: ControllerOptions): Controller {
  const { store } = parts
  const reporter = createReporter(parts.report)
  const happenings = openHappenings()
  const prober = parts.openProber({
    onChange(stack, container, health) {
      if (health === 'unhealthy') happenings.tell(stack, { kind: 'interrupted', container, what: 'probe: unhealthy' })
      lanes.trigger(stack)
    },
  })
  const isOurs = (stack: string) => options.only === undefined || options.only === stack
  const all = () => store.stacks().filter(isOurs)
  const lanes: Lanes = openLanes({
    pass: async (stack, isStopping) => {
      const before = signature(stack, store)
      const waitMs = await pass(stack, { ...parts, prober, isStopping }, happenings, reporter)
      if (signature(stack, store) !== before) dependents(stack, store).filter(isOurs).forEach(lanes.trigger)
      return waitMs
    },
    onFailure: (stack, error) => passFailed(stack, error, store, reporter),
    ...(options.passRetryMs === undefined ? {} : { retryMs: options.passRetryMs }),
  })
  const resolving = openResolving({
    engines: parts.engines,
    onDue: () => void following.poll(),
    ...(options.resolveRetryMs === undefined ? {} : { retryMs: options.resolveRetryMs }),
  })
  const { resolve } = resolving
  const onChanged = (stack: string) => isOurs(stack) && lanes.trigger(stack)
  const sources = parts.sources.map(({ name }) => name)
  holdOrphans(sources, store)
  const followings = new Map(parts.sources.map((one) => [one.name, followingOf(one)]))
  const following = openFollowings(followings, store)
  function followingOf(one: FollowedSource): Following {
    const memory = emptyTipMemory()
    return openFollowing({
      follow: (request) => follow({ ...parts, ...one, sources, memory }, { ...request, resolve, onChanged }),
      onTrouble: (error) => sourceTrouble(one.name, error, reporter),
      ...(options.sourceRetryMs === undefined ? {} : { retryMs: options.sourceRetryMs }),
    })
  }
  const handle = (request: Request) =>
    carryOut(request, { store, engines: parts.engines, following, lanes, report: parts.report })
  const endings = [
    ...parts.engines.names().map((target) => {
      const isHere = (stack: string) => isOn(target, stack, parts)
      return listen(parts.engines.of(target), happenings, lanes, () => all().filter(isHere))
    }),
    ...(options.isAwake ? watchClock(parts.sources, options, { followings, lanes, handle, all, store, reporter }) : []),
  ]
  return {
    handle,
    async idle() {
      await following.idle()
      await lanes.idle()
    },
    async stop() {
      for (const end of endings) end()
      following.stop()
      resolving.stop()
      prober.stop()
      await lanes.stop()
    },
  }
}

type PassParts = Omit<Parts, 'takeHappened' | 'tellHappened'>

/** A stack that was forgotten meanwhile has nothing left to reconcile. */
async function pass(stack: string, parts: PassParts, inbox: Happenings, reporter: Reporter): Promise<number | null> {
  if (!parts.store.stacks().includes(stack)) return null
  const waitMs = await reconcile(stack, { ...parts, takeHappened: inbox.take, tellHappened: inbox.tell })
  reporter.isOver(stack, 'goes on')
  return waitMs
}

/** Nothing is known of the stack now, and no older status must claim otherwise. */
function passFailed(stack: string, error: unknown, store: Store, reporter: Reporter): void {
  const reason = reasonOf(error)
  reporter.trouble(stack, 'pass-failed', reason)
  try {
    if (!store.stacks().includes(stack)) return
    const services = store.stack(stack).status?.services ?? {}
    const message = `${reason}; looking again by itself`
    store.save(stack, { status: { sync: 'Unknown', health: 'Unknown', services, message } })
  } catch (cause) {
    reporter.trouble('', 'store-failed', reasonOf(cause))
  }
}

function sourceTrouble(source: string, error: unknown, reporter: Reporter): void {
  if (error === null) reporter.isOver('', `the repository of source ${source} can be read again`, source)
  else reporter.trouble('', 'source-failed', `${reasonOf(error)} What runs goes on; looking again by itself.`, source)
}

/** Also while it is not known where a stack runs: it may be there. */
function isOn(target: string, stack: string, { store }: ControllerParts): boolean {
  return (targetOf(store.stack(stack)) ?? target) === target
}

/** Engine events make it immediate. */
function listen(engine: Engine, happenings: Happenings, lanes: Lanes, all: () => string[]): () => void {
  const stop = new AbortController()
  const onEvent = (event: EngineEvent) => {
    const { container, action, interrupts, byHand } = event
    for (const stack of all().filter((name) => concerns(event, name))) {
      if (interrupts)
        happenings.tell(stack, { kind: 'interrupted', container, what: action, ...(byHand ? { byHand } : {}) })
      lanes.trigger(stack)
    }
  }
  engine.watch({ onEvent, onGap: () => all().forEach(lanes.triggerNow) }, stop.signal)
  return () => stop.abort()
}

/** Networks and volumes begin with the name of their stack. Those that were named otherwise wait for the clock. */
function concerns({ stack, resource, ofAll }: EngineEvent, name: string): boolean {
  if (ofAll) return true
  return stack === '' ? (resource ?? '').startsWith(`${name}_`) : stack === name
}

interface Clocked {
  followings: ReadonlyMap<string, Following>
  lanes: Lanes
  handle(request: Request): Promise<Answer>
  all(): string[]
  store: Store
  reporter: Reporter
}

/** The clock makes it certain. What is known is looked after at once: it needs no repository. */
function watchClock(sources: readonly FollowedSource[], options: ControllerOptions, parts: Clocked): (() => void)[] {
  const { fullPassMs = 60_000, inboxMs = 250 } = options
  const { followings, lanes, all, store, handle, reporter } = parts
  const endPolls = sources.map(({ name, poll }) => onSchedule(poll, async () => followings.get(name)?.poll()))
  all().forEach(lanes.trigger)
  for (const following of followings.values()) void following.poll()
  const fullPass = setInterval(() => all().forEach(lanes.trigger), fullPassMs)
  const onTrouble = (error: unknown) => reporter.trouble('', 'store-failed', reasonOf(error))
  return [...endPolls, () => clearInterval(fullPass), watchInbox({ store, handle, onTrouble, everyMs: inboxMs })]
}
