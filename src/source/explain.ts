import { HoldfastError, reasonOf } from '../model/errors.ts'
import { SshRefused } from '../ssh/refusal.ts'
import { SourceError } from './errors.ts'
import { httpVerdict } from './explain-http.ts'
import { commandVerdict, refusalVerdict } from './explain-server.ts'
import { MissingObject } from './objects.ts'
import { BadPack } from './pack/bad-pack.ts'
import { NoPacketLines } from './packet-lines.ts'
import { CommandFailed } from './ssh.ts'
import { NoCommit } from './tag.ts'
import { nameOf } from './tips.ts'
import { AnswerTooLarge, ServerRefused } from './transport.ts'
import { OddTree } from './tree.ts'
import { CHECK_URL, type Followed, retry, terminal, type Verdict } from './verdict.ts'

/** Turns whatever was thrown while following a repository into an error a person can act on. */
export function explain(error: unknown, followed: Followed): SourceError {
  if (error instanceof SourceError) return error
  const start = `Cannot read ${nameOf(followed.at)} of ${followed.shown}: `
  if (error instanceof SshRefused) {
    const handling = error.handling === 'terminal' ? 'terminal' : 'retry'
    return new SourceError(handling, `${start}${error.message}`, { cause: error })
  }
  if (error instanceof HoldfastError) throw error
  const { handling, what, next } = verdict(error, followed)
  return new SourceError(handling, `${start}${what}. ${next}`, { cause: error })
}

function verdict(error: unknown, followed: Followed): Verdict {
  if (error instanceof AnswerTooLarge) return terminal(error.message, 'Remove large files from the repository.')
  if (error instanceof OddTree) return terminal(`${error.message} in the commit's tree`, 'Remove it with a new commit.')
  if (error instanceof ServerRefused) return refusalVerdict(error.message, followed.at)
  if (error instanceof CommandFailed) return commandVerdict(error)
  if (error instanceof NoCommit) return terminal(`${error.message}, not to a commit`, 'Put it on a commit.')
  if (error instanceof NoPacketLines) return noGit(error.message)
  const name = error instanceof Error ? error.name : ''
  if (name === 'TimeoutError') {
    const what = `no complete answer within ${followed.timeoutMs / 1000} s`
    return retry(what, 'It is tried again; check the server and the network between.')
  }
  if (name === 'RemoteCapabilityError') return terminal(reasonOf(error), 'Use a git server with shallow fetches.')
  return httpVerdict(error, followed) ?? diskVerdict(error) ?? contentVerdict(error)
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
  if (caller === 'git.getRemoteInfo2') return noGit('')
  const isBad = error instanceof BadPack || error instanceof MissingObject || name === 'InternalError'
  if (caller === 'git.fetch' || isBad) {
    return retry(`the pack arrived incomplete or damaged (${reasonOf(error)})`, 'It is tried again.')
  }
  return retry(reasonOf(error), 'It is tried again.')
}

/** Over SSH mostly what a login prints before the command runs. */
function noGit(words: string): Verdict {
  const said = words === '' ? '' : `; it says "${printable(words)}"`
  return terminal(`what answers there is not a git repository${said}`, CHECK_URL)
}

function printable(words: string): string {
  return words
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 100)
}
