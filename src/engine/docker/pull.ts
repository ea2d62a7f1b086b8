import { StepFailed } from '../../model/errors.ts'
import type { Login } from './credentials/credentials.ts'
import { registryFailed } from './errors.ts'
import { authOf, type ImageContext, inspectImage, isId } from './images.ts'
import { openProgress, type PullEvent } from './progress.ts'

export interface PullContext extends ImageContext {
  /** Longest time a pull may go without any progress. */
  pullTimeoutMs: number
}

type Tell = (progress: string) => void

const TELL_EVERY_MS = 1_000

/** Pulls what a release pinned, telling now and then how far it is; nothing happens when it is there. */
export async function pull(context: PullContext, reference: string, tell: Tell): Promise<void> {
  if (await inspectImage(context, reference)) return
  if (isId(reference)) throw cannotPull(reference)
  const login = await context.credentials.loginFor(reference)
  try {
    await download(context, reference, login, tell)
    if (!(await inspectImage(context, reference))) throw new Error('the pull ended, but the image is not there')
  } catch (cause) {
    throw registryFailed(`Cannot pull ${reference}`, reference, cause, login.advice)
  }
}

function cannotPull(id: string): StepFailed {
  return new StepFailed(
    'platform',
    `The image ${id} is gone, and it cannot be pulled: no registry knows it by that name. Build or load it again.`,
  )
}

/** A pull that comes further may take as long as it likes; one that does not is given up. */
async function download(context: PullContext, reference: string, login: Login, tell: Tell): Promise<void> {
  const { pullTimeoutMs, patient } = context
  const stop = new AbortController()
  const limit = setTimeout(() => stop.abort(), pullTimeoutMs)
  const options = { fromImage: reference, abortSignal: stop.signal, ...authOf(login) }
  try {
    await follow(await patient.createImage(options), () => limit.refresh(), nowAndThen(tell))
  } catch (error) {
    throw stop.signal.aborted ? new Error(`no progress for ${pullTimeoutMs / 1000} s`, { cause: error }) : error
  } finally {
    clearTimeout(limit)
  }
}

/** Until the engine ends what it tells. A failure comes as a line among the others, after a good answer. */
async function follow(answer: AsyncIterable<Uint8Array | string>, onFurther: () => void, tell: Tell): Promise<void> {
  const progress = openProgress()
  for await (const line of linesOf(answer)) {
    const event: PullEvent = JSON.parse(line)
    if (event.error !== undefined) throw new Error(event.error)
    if (progress.take(event)) onFurther()
    tell(progress.text())
  }
}

/** What the engine tells line by line, as JSON. */
export async function* linesOf(answer: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of answer) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter((line) => line.trim() !== '')
  }
}

/** At most once a second, and never the same twice in a row. */
function nowAndThen(tell: Tell): Tell {
  let toldAt = Number.NEGATIVE_INFINITY
  let told = ''
  return (text) => {
    if (text === told || performance.now() - toldAt < TELL_EVERY_MS) return
    toldAt = performance.now()
    told = text
    tell(text)
  }
}
