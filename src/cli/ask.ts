import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, readAnswer } from '../controller/answer.ts'
import { type ControllerParts, startController } from '../controller/controller.ts'
import { HoldfastError } from '../model/errors.ts'
import type { Problem } from '../model/problem.ts'
import type { Flags } from '../settings/flags.ts'
import { readSettings } from '../settings/read.ts'
import type { Request, Store } from '../store/store.ts'
import type { Adapters } from './adapters.ts'
import { makeDataDirectory } from './data.ts'
import { reachAny } from './engines.ts'
import { readKeys } from './keys.ts'
import { type Manner, mannerOf, openTeller, type Teller } from './live/teller.ts'
import { untilSettled, type WaitOptions } from './outcome.ts'
import { openParts } from './parts.ts'
import { print, printJson } from './print.ts'
import { progressPrinter } from './progress.ts'
import { type Asked, exitCodeOf, resultJson, resultLines } from './result.ts'
import { stopSignal } from './signals.ts'

export interface AskOptions extends Flags {
  wait?: boolean
  json?: boolean
  /** Seconds. */
  timeout: number
}

interface Asking {
  request: Request
  store: Store
  limitMs: number
  teller: Teller
  /** Ctrl-C was pressed. */
  isStopped(): boolean
}

const LOOK_EVERY_MS = 100
const ANSWER_WITHIN_MS = 60_000

/**
 * Has a request carried out: by the Holdfast that runs on the data directory, or, when there is none, here and now,
 * until it is settled.
 */
export async function ask(request: Request, options: AskOptions, adapters: Adapters): Promise<void> {
  const { wait = false, json = false, timeout } = options
  const settings = readSettings(options)
  const lock = adapters.tryLock(makeDataDirectory(settings))
  const store = adapters.openStore(settings.data, readKeys(settings), () => settings.retention)
  const manner = json ? 'nothing' : lock || wait ? mannerOf(process.stdout, process.env) : 'answers'
  const teller = openTeller(manner, { store, stack: request.stack })
  let stopped = false
  const stop = stopSignal().then(() => {
    stopped = true
  })
  const asking = { request, store, limitMs: timeout * 1000, teller, isStopped: () => stopped }
  try {
    const telling = { event() {}, progress: progressOf(manner) }
    const asked = lock
      ? await doHere(asking, openParts(settings, store, adapters, telling), stop)
      : await leave(asking, wait)
    teller.end()
    if (json) printJson(resultJson(request, asked, store))
    else print(resultLines(asked))
    process.exitCode = exitCodeOf(asked)
  } finally {
    teller.end()
    store.close()
    lock?.release()
  }
}

/** A view shows it as part of the status. */
function progressOf(manner: Manner): (stack: string, text: string) => void {
  return manner === 'lines' ? progressPrinter() : () => {}
}

async function leave(asking: Asking, wait: boolean): Promise<Asked> {
  const answer = accept(await untilAnswered(asking.store.ask(asking.request), asking), asking)
  if (!wait || asking.isStopped())
    return { answer, stacks: null, problems: problemsOf(asking), isStopped: asking.isStopped() }
  return await settle(answer, asking, { idle: () => Promise.resolve(), isAlone: false })
}

async function untilAnswered(id: number, { store, isStopped }: Asking): Promise<Answer> {
  const limit = performance.now() + ANSWER_WITHIN_MS
  while (performance.now() < limit && !isStopped()) {
    const answer = store.answerOf(id)
    if (answer !== null) return readAnswer(answer)
    await sleep(LOOK_EVERY_MS)
  }
  if (isStopped()) return { ok: true, text: 'not answered yet; the request is kept and will be carried out' }
  const text = `The Holdfast that runs has not answered for ${ANSWER_WITHIN_MS / 1000} s; it may be in a long step.`
  throw new HoldfastError('retry', `${text} The request is kept and will be carried out. See: holdfast status`)
}

async function doHere(asking: Asking, parts: ControllerParts, stop: Promise<void>): Promise<Asked> {
  const { request, isStopped } = asking
  await reachAny(parts.engines)
  const only = request.stack === null ? {} : { only: request.stack }
  const controller = startController(parts, { isAwake: false, ...only })
  const signal = stop.then(() => controller.stop())
  try {
    const answer = accept(await controller.handle(request), asking)
    const { idle } = controller
    return await settle(answer, asking, { idle, isAlone: request.stack !== null })
  } finally {
    await (isStopped() ? signal : controller.stop())
  }
}

function accept({ ok, text }: Answer, { teller }: Asking): string {
  if (!ok) throw new HoldfastError('terminal', text)
  teller.line(text)
  return text
}

async function settle(answer: string, asking: Asking, options: Pick<WaitOptions, 'idle' | 'isAlone'>): Promise<Asked> {
  const { request, store, limitMs, isStopped } = asking
  const chosen = request.stack === null ? store.stacks() : [request.stack]
  const ended = await untilSettled(chosen, store, { ...options, limitMs, isStopped })
  const stacks = ended.map((one) => {
    const isWanted = one.outcome === 'good' || isAskedFor(request, one.stack, store)
    const outcome = isWanted ? 'as-asked' : one.outcome === 'busy' ? 'unsettled' : 'otherwise'
    return { stack: one.stack, message: one.message, outcome } as const
  })
  return { answer, stacks, problems: problemsOf(asking), isStopped: isStopped() }
}

/** Of all repositories, where all were to be followed: a stack that is named has its own outcome. */
function problemsOf({ request, store }: Asking): Problem[] {
  if (request.kind !== 'sync' || request.stack !== null) return []
  const all = Object.values(store.repositories()).flatMap(({ problems }) => problems)
  return all.filter(({ severity }) => severity === 'error')
}

/** What would be a bad end of a `sync` is the aim of others: the stack is back, or held, and git's release is not in. */
function isAskedFor(request: Request, stack: string, store: Store): boolean {
  const { record, status } = store.stack(stack)
  if (request.kind === 'suspend') return record.suspended
  if (request.kind === 'pause') return record.paused
  if (request.kind === 'down') return record.down !== undefined && status?.health === 'Missing'
  const isBack = status?.sync === 'RolledBack' && status.health === 'Healthy' && record.rollout === null
  return (request.kind === 'rollback' || request.kind === 'cancel') && isBack
}
