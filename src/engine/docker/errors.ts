import { HoldfastError, reasonOf, StepFailed } from '../../model/errors.ts'
import { DEFAULT_REGISTRY, registryOf } from './credentials/registry.ts'
import { ENGINE_RULES, type Place, REGISTRY_RULES, type Rule, ruleFor } from './rules.ts'

const ACCESS_ADVICE = 'check the credential for it, or that the image is spelt right'

/** A repository that nobody may read or that does not exist: the default registry does not tell them apart. */
const NOT_THERE = /pull access denied.*repository does not exist|repository does not exist/i

/** What the engine refused, as a StepFailed that a person can act on. `what` e.g. `Cannot start shop-web-0-1a2b3c4d-1`. */
export function failed(what: string, error: unknown): HoldfastError {
  return error instanceof HoldfastError ? error : judge(ENGINE_RULES, what, error, { registry: '', advice: '' })
}

/** As `failed`, for a pull or a question to the registry of `image`; `advice` is for a registry that refuses access. */
export function registryFailed(what: string, image: string, error: unknown, advice = ACCESS_ADVICE): HoldfastError {
  if (error instanceof HoldfastError) return error
  const registry = registryOf(image)
  if (NOT_THERE.test(reasonOf(error)) && registry === DEFAULT_REGISTRY) {
    const reason = `${what}: there is no such image, or it is private: ${advice}`
    return new StepFailed('release', withWords(reason, error), { cause: error })
  }
  return judge(REGISTRY_RULES, what, error, { registry, advice })
}

function judge(rules: Rule[], what: string, error: unknown, place: Place): StepFailed {
  const words = engineWords(error)
  const rule = ruleFor(rules, words)
  if (rule) {
    const text = rule.say(words.match(rule.when) ?? [], place)
    return new StepFailed(rule.fault, withWords(`${what}: ${text}`, error), { cause: error })
  }
  const fault = statusOf(error) === 400 ? 'release' : 'platform'
  return new StepFailed(fault, `${what}: ${words}`, { cause: error })
}

/** The HTTP status the engine answered with, or null when there was no answer. */
export function statusOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('statusCode' in error)) return null
  return typeof error.statusCode === 'number' ? error.statusCode : null
}

/** Resolves to null when the engine says that there is no such thing; anything else rejects. */
export async function orNull<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call
  } catch (error) {
    if (statusOf(error) === 404) return null
    throw error
  }
}

/** The engine's own words, without the client's frame around them. */
export function engineWords(error: unknown): string {
  return reasonOf(error)
    .replace(/^\(HTTP code \d+\) [^-]*- /, '')
    .replace(/: unknown\s*$/, '')
    .trim()
}

function withWords(reason: string, error: unknown): string {
  return `${reason} (${engineWords(error)})`
}
