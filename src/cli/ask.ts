import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, readAnswer } from '../controller/answer.ts'
import { type ControllerParts, startController } from '../controller/controller.ts'
import { HoldfastError } from '../model/errors.ts'
import type { Flags } from '../settings/flags.ts'
import { readSettings } from '../settings/read.ts'
import type { Request, Store } from '../store/store.ts'
import type { Adapters } from './adapters.ts'
import { makeDataDirectory } from './data.ts'
import { reachAny } from './engines.ts'
import { EXIT } from './exit.ts'
import { readKeys } from './keys.ts'
import { type Ended, untilSettled, type WaitOptions } from './outcome.ts'
import { openParts } from './parts.ts'
import { stopSignal } from './signals.ts'

export interface AskOptions extends Flags {
  wait?: boolean
  /** Seconds. */
  timeout: number
}

const LOOK_EVERY_MS = 100
const ANSWER_WITHIN_MS = 60_000

/**
 * Has a request carried out: by the Holdfast that runs on the data directory, or, when there is none, here and now,
 * until it is settled.
 */
export async function ask(request: Request, options: AskOptions, adapters: Adapters): Promise<void> {
  const settings = readSettings(options)
  const lock = adapters.tryLock(makeDataDirectory(settings))
  const store = adapters.openStore(settings.data, readKeys(settings))
  try {
    process.exitCode = lock
      ? await doHere(request, options, openParts(settings, store, adapters))
      : await leave(request, options, store)
  } finally {
    store.close()
    lock?.release()
  }
}

async function leave(request: Request, options: AskOptions, store: Store): Promise<number> {
  const id = store.ask(request)
  const answer = await untilAnswered(id, store)
  accept(answer)
  if (!options.wait) return EXIT.ok
  const idle = () => Promise.resolve()
  return settle(request, store, { limitMs: options.timeout * 1000, idle, isStopped: () => false, isAlone: false })
}

async function untilAnswered(id: number, store: Store): Promise<Answer> {
  const limit = performance.now() + ANSWER_WITHIN_MS
  while (performance.now() < limit) {
    const answer = store.answerOf(id)
    if (answer !== null) return readAnswer(answer)
    await sleep(LOOK_EVERY_MS)
  }
  const text = `The Holdfast that runs has not answered for ${ANSWER_WITHIN_MS / 1000} s; it may be in a long step.`
  throw new HoldfastError('retry', `${text} The request is kept and will be carried out. See: holdfast status`)
}

async function doHere(request: Request, options: AskOptions, parts: ControllerParts): Promise<number> {
  let stopped = false
  const { store } = parts
  await reachAny(parts.engines)
  const only = request.stack === null ? {} : { only: request.stack }
  const controller = startController(parts, { isAwake: false, ...only })
  const signal = stopSignal().then(() => {
    stopped = true
    return controller.stop()
  })
  try {
    accept(await controller.handle(request))
    const { idle } = controller
    const isAlone = request.stack !== null
    return await settle(request, store, { limitMs: options.timeout * 1000, idle, isStopped: () => stopped, isAlone })
  } finally {
    await (stopped ? signal : controller.stop())
  }
}

function accept({ ok, text }: Answer): void {
  if (!ok) throw new HoldfastError('terminal', text)
  console.log(text)
}

async function settle(request: Request, store: Store, options: WaitOptions): Promise<number> {
  const stacks = request.stack === null ? store.stacks() : [request.stack]
  const ended = await untilSettled(stacks, store, options)
  for (const { stack, outcome, message } of ended) console.log(`${stack}: ${said(outcome)}${message}`)
  if (options.isStopped()) return EXIT.interrupted
  return ended.every(({ stack, outcome }) => outcome === 'good' || isAskedFor(request, stack, store))
    ? EXIT.ok
    : EXIT.failed
}

function said(outcome: Ended['outcome']): string {
  return outcome === 'busy' ? 'not settled in time: ' : ''
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
