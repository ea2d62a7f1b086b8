import type { At } from './source.ts'
import type { CommandFailed } from './ssh.ts'
import { CHECK_URL, retry, terminal, type Verdict } from './verdict.ts'

const SEE_SERVER = 'It is tried again; see the server for the cause.'

/** What the command on the other side of SSH ended with. */
export function commandVerdict({ code, said }: CommandFailed): Verdict {
  if (code === null) return retry('the SSH connection was lost', 'It is tried again; check the network.')
  if (code === 127) return noCommand(saying(said))
  const verdict = wordsVerdict(said)
  return verdict ?? retry(`git on the server ended with code ${code}${saying(said)}`, SEE_SERVER)
}

/** A server's words are all there is to tell these apart; null when they say nothing of the kind. */
function wordsVerdict(said: string): Verdict | null {
  const words = saying(said)
  if (/command not found|not recognized/i.test(said)) return noCommand(words)
  if (/dubious ownership/i.test(said)) {
    const next = 'Make it the property of the user who logs in, or list it in safe.directory there.'
    return terminal(`the repository belongs to somebody else on the server${words}`, next)
  }
  if (/denied|not allowed|forbidden|unauthori|insufficient|no permission/i.test(said)) {
    return terminal(`the server forbids it${words}`, 'Give the key the right to read the repository.')
  }
  if (/not found|does not appear|does not exist|no such|not a git repo|could not be found|cannot find/i.test(said)) {
    return terminal(`no such repository${words}`, `${CHECK_URL} Forges say the same when the key may not read it.`)
  }
  return null
}

function noCommand(words: string): Verdict {
  return terminal(`there is no git on the server${words}`, 'Install git there.')
}

/** What a git server said in place of what was asked for. */
export function refusalVerdict(said: string, { kind }: At): Verdict {
  if (!/not our ref/i.test(said)) return wordsVerdict(said) ?? retry(`the server refuses${saying(said)}`, SEE_SERVER)
  if (kind !== 'commit') return retry(`the ${kind} moved while it was fetched`, 'It is tried again.')
  const next = [
    'Push it, or put a branch or tag on it.',
    'A server of your own gives out any commit of its branches after',
    '`git config uploadpack.allowReachableSHA1InWant true`.',
  ].join(' ')
  return terminal('the server does not have the commit, or gives out only what a branch or tag points to', next)
}

/** The last words of a server, for a person. */
function saying(said: string): string {
  const lines = said.split('\n').map((line) => line.replace(/[^\x20-\x7e]+/g, ' ').trim())
  const telling = lines.filter((line) => /[a-z]{3}/i.test(line)).slice(0, 3)
  return telling.length === 0 ? '' : ` ("${telling.join(' ').slice(0, 200)}")`
}
