import type { Desired } from './decide/desired.ts'
import type { Engine } from './engine/engine.ts'
import { type Mask, maskOf } from './model/mask.ts'
import type { ObservedContainer } from './model/observed.ts'
import type { Release } from './model/release.ts'
import { secretTexts } from './model/secret-texts.ts'

/** Whose secrets an engine may have to tell of. */
export interface Secretive {
  desired: Pick<Desired, 'latest' | 'stable' | 'previous' | 'rolling'>
  /** A stored release; null when it is not stored any more. */
  release(digest: string): Release | null
}

/**
 * The engine, with everything that it tells in words freed of what the stack's releases keep secret: errors that echo
 * what was sent, what health checks and containers print. Here is where such words come in; what is stored or shown
 * later never held a secret.
 */
export function masked(engine: Engine, { desired, release }: Secretive): Engine {
  const known = new Map<string, Release>()
  for (const one of [desired.latest, desired.stable, desired.previous, desired.rolling])
    if (one) known.set(one.digest, one)
  let containers: readonly ObservedContainer[] = []
  let mask: Mask | null = null
  const shown: Mask = (text) => {
    if (text === '') return text
    mask ??= maskOf(secretsOf([...known.values()]))
    return mask(text)
  }

  /** A container of a release that nothing asks for any more may still speak. */
  function learn(container: ObservedContainer | undefined): void {
    const found = !container?.release || known.has(container.release) ? null : release(container.release)
    if (found === null) return
    known.set(found.digest, found)
    mask = null
  }

  return {
    ...engine,
    async observe(query) {
      const found = await rejectingMasked(engine.observe(query), shown)
      containers = found.containers
      containers.filter(isSpeaking).forEach(learn)
      return { ...found, containers: containers.map((one) => (isSpeaking(one) ? maskWords(one, shown) : one)) }
    },
    execute(step, tell = () => {}) {
      return rejectingMasked(
        engine.execute(step, (progress) => tell(shown(progress))),
        shown,
      )
    },
    async logs(container, lines) {
      learn(containers.find(({ name }) => name === container))
      return (await rejectingMasked(engine.logs(container, lines), shown)).map(shown)
    },
  }
}

function secretsOf(releases: readonly Release[]): ReturnType<typeof secretTexts> {
  const texts = releases.map(({ stack }) => secretTexts(stack))
  return { values: texts.flatMap(({ values }) => values), files: texts.flatMap(({ files }) => files) }
}

function isSpeaking({ complaint, error }: ObservedContainer): boolean {
  return complaint !== '' || error !== ''
}

function maskWords(container: ObservedContainer, shown: Mask): ObservedContainer {
  return { ...container, complaint: shown(container.complaint), error: shown(container.error) }
}

async function rejectingMasked<T>(call: Promise<T>, shown: Mask): Promise<T> {
  try {
    return await call
  } catch (error) {
    maskError(error, shown)
    throw error
  }
}

/** In place: what kind of error it is says how it is handled. */
function maskError(error: unknown, shown: Mask): void {
  if (!(error instanceof Error)) return
  error.message = shown(error.message)
  if (error.stack !== undefined) error.stack = shown(error.stack)
  maskError(error.cause, shown)
}
