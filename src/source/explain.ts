import { HoldfastError, reasonOf } from '../model/errors.ts'
import { SourceError } from './errors.ts'
import { AnswerTooLarge, Moved } from './http.ts'
import { OddTree } from './tree.ts'

/** The repository and branch as people know them. */
export interface Followed {
  shown: string
  branch: string
  timeoutMs: number
}

/** Turns whatever was thrown while following a repository into an error a person can act on. */
export function explain(error: unknown, followed: Followed): SourceError {
  if (error instanceof SourceError) return error
  if (error instanceof HoldfastError) throw error
  const { handling, what, next } = verdict(error, followed)
  const text = `Cannot read branch ${followed.branch} of ${followed.shown}: ${what}. ${next}`
  return new SourceError(handling, text, { cause: error })
}

interface Verdict {
  handling: 'terminal' | 'retry'
  what: string
  next: string
}

const CHECK_URL = "Check the repository's URL."

function verdict(error: unknown, followed: Followed): Verdict {
  if (error instanceof Moved) {
    return terminal(`the server sends on to ${error.message}, and redirects are not followed`, 'Use that URL.')
  }
  if (error instanceof AnswerTooLarge) return terminal(error.message, 'Remove large files from the repository.')
  if (error instanceof OddTree) return terminal(`${error.message} in the commit's tree`, 'Remove it with a new commit.')
  const name = error instanceof Error ? error.name : ''
  if (name === 'TimeoutError') {
    const what = `no complete answer within ${followed.timeoutMs / 1000} s`
    return retry(what, 'It is tried again; check the server and the network between.')
  }
  const status = httpStatus(error)
  if (status !== null) return statusVerdict(status)
  if (name === 'RemoteCapabilityError') return terminal(reasonOf(error), 'Use a git server with shallow fetches.')
  return networkVerdict(error) ?? diskVerdict(error) ?? contentVerdict(error)
}

/** Trouble with the folder that holds the local copy, or with a local repository. */
function diskVerdict(error: unknown): Verdict | null {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return null
  return retry(error.message, 'Check free space and rights of the folder; it is tried again.')
}

/** Answers that came through but are not what git would send. isomorphic-git notes which command an error is from. */
function contentVerdict(error: unknown): Verdict {
  const name = error instanceof Error ? error.name : ''
  const caller = error instanceof Error && 'caller' in error ? error.caller : ''
  if (caller === 'git.getRemoteInfo2') return terminal('what answers there is not a git repository', CHECK_URL)
  if (caller === 'git.fetch' || name === 'NotFoundError' || name === 'InternalError') {
    return retry(`the pack arrived incomplete or damaged (${reasonOf(error)})`, 'It is tried again.')
  }
  return retry(reasonOf(error), 'It is tried again.')
}

function statusVerdict(status: number): Verdict {
  if (status === 401) return terminal('the server wants valid credentials (401)', 'Give or renew the access token.')
  if (status === 403) return terminal('the server forbids it (403)', 'Give the access token the right to read.')
  if (status === 404) {
    return terminal('no such repository (404)', `${CHECK_URL} Forges say the same when the access token is not enough.`)
  }
  if (status === 429 || status >= 500) {
    return retry(`the server answered ${status}`, 'It is tried again; see the server for the cause.')
  }
  return terminal(`the server answered ${status}`, CHECK_URL)
}

/** Codes of Node's network errors, which `fetch` hides in the cause. */
function networkVerdict(error: unknown): Verdict | null {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : null
  const code = cause !== null && 'code' in cause ? String(cause.code) : ''
  if (cause === null || code === '') return null
  if (code === 'ENOTFOUND') return retry('its host name is unknown', `${CHECK_URL} It is tried again.`)
  if (code === 'EAI_AGAIN') return retry('its host name could not be looked up', 'It is tried again; check the DNS.')
  if (code === 'ECONNREFUSED') return retry('the server refuses connections', 'It is tried again; start the server.')
  if (/CERT|SSL|TLS|SELF_SIGNED|ALTNAME/.test(code)) {
    const next = 'Mend the certificate, or name its authority in NODE_EXTRA_CA_CERTS.'
    return terminal(`no safe connection (${code})`, next)
  }
  return retry(`the connection failed (${code})`, 'It is tried again; check the network.')
}

function httpStatus(error: unknown): number | null {
  if (!(error instanceof Error) || error.name !== 'HttpError' || !('data' in error)) return null
  return (error.data as { statusCode: number }).statusCode
}

function terminal(what: string, next: string): Verdict {
  return { handling: 'terminal', what, next }
}

function retry(what: string, next: string): Verdict {
  return { handling: 'retry', what, next }
}
