import { HoldfastError, reasonOf, StepFailed } from '../../model/errors.ts'
import type { Fault } from '../../model/steps.ts'

interface Rule {
  when: RegExp
  fault: Fault
  /** For a person: what is wrong and what to do, from the parts the pattern caught. */
  say(caught: RegExpMatchArray): string
}

/**
 * Whose fault a failure is, first match wins. `release`: the same release would fail on every machine. `platform`:
 * the host, the engine, the network or a stranger stands in the way. The patterns are the engine's own words,
 * from 20.10 until today; a failure that matches none is judged by its HTTP status.
 */
const ENGINE_RULES: Rule[] = [
  platform(/no space left on device|disk quota exceeded/i, 'the disk is full: `docker system df` shows what takes it'),
  platform(/cannot allocate memory/i, 'the host is out of memory'),
  release(
    /exec: \\?"(.+?)\\?": (?:executable file not found|stat .*no such file or directory)/i,
    (caught) => `the executable "${caught[1]}" is not in the image: check entrypoint and command`,
  ),
  release(
    /exec:? \\?"(.+?)\\?": permission denied/i,
    (caught) => `"${caught[1]}" in the image is not executable: check entrypoint and command`,
  ),
  release(
    /exec format error/i,
    () => "the image was built for another processor's architecture, or its script has no #! line",
  ),
  release(/no command specified/i, () => 'neither the image nor the service has a command: set `command`'),
  release(
    /unable to find (?:user|group) (\S+?):/i,
    (caught) => `the image has no user or group "${caught[1]}": check \`user\``,
  ),
  release(
    /trying to mount a directory onto a file|not a directory/i,
    () => 'a file would be mounted over a folder, or a folder over a file: check the mount targets',
  ),
  release(
    /error mounting .*read-only file system/i,
    () => 'a mount would lie inside a read-only one: check the mount targets',
  ),
  platform(/port is already allocated|bind: address already in use/i, 'the port is taken'),
  platform(/address already in use/i, 'its address is taken by another container'),
  platform(
    /(?:non-overlapping|predefined address|address pools?)/i,
    'the engine has no address range left: `docker network prune` frees unused ones',
  ),
  platform(
    /ECONNREFUSED|ENOENT|ECONNRESET|EPIPE|EACCES|ETIMEDOUT|EHOSTUNREACH|socket hang up|aborted/i,
    'the Docker engine did not answer',
  ),
]

const REGISTRY_RULES: Rule[] = [
  release(
    /no matching manifest for (\S+)/i,
    (caught) => `the image does not exist for this machine's architecture (${caught[1]})`,
  ),
  release(
    /manifest.* unknown|manifest for .* not found|name unknown|repository name not known|not found/i,
    () => 'there is no such image',
  ),
  platform(/toomanyrequests|429/i, 'the registry allows no more requests for now'),
  platform(
    /unauthorized|authentication required|no basic auth|denied|forbidden|\b40[13]\b/i,
    'the registry refuses access: check the credential for it, or that the image is spelt right',
  ),
  platform(/aborted/i, 'the time limit was reached'),
]

/** A repository that nobody may read or that does not exist: the default registry does not tell them apart. */
const NOT_THERE = /pull access denied.*repository does not exist|repository does not exist/i

/** What the engine refused, as a StepFailed that a person can act on. `what` e.g. `Cannot start shop-web-0-1a2b3c4d-1`. */
export function failed(what: string, error: unknown): HoldfastError {
  return error instanceof HoldfastError ? error : judge(ENGINE_RULES, what, error)
}

/** As `failed`, for a pull or a question to the registry of `image`. */
export function registryFailed(what: string, image: string, error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error
  if (NOT_THERE.test(reasonOf(error)) && isDefaultRegistry(image)) {
    const reason = `${what}: there is no such image, or it is private and this engine has no credential for it`
    return new StepFailed('release', withWords(reason, error), { cause: error })
  }
  return judge([...ENGINE_RULES.slice(0, 1), ...REGISTRY_RULES], what, error)
}

function judge(rules: Rule[], what: string, error: unknown): StepFailed {
  const words = engineWords(error)
  for (const rule of rules) {
    const caught = words.match(rule.when)
    if (caught !== null)
      return new StepFailed(rule.fault, withWords(`${what}: ${rule.say(caught)}`, error), { cause: error })
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

/** As the engine reads references: a first part with a dot, a colon or `localhost` names a registry. */
function isDefaultRegistry(image: string): boolean {
  const [first = '', ...rest] = image.split('/')
  return rest.length === 0 || !/[.:]|^localhost$/.test(first) || first === 'docker.io'
}

function platform(when: RegExp, text: string): Rule {
  return { when, fault: 'platform', say: () => text }
}

function release(when: RegExp, say: Rule['say']): Rule {
  return { when, fault: 'release', say }
}
