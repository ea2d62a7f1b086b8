import type { StackContext } from '../normalise/context.ts'
import type { Place } from '../report.ts'
import { judgeOf, refuse } from './policy-verdict.ts'

/** What is said about a secret that stands readable in the repository; `what` begins the sentence. */
export function judgePlainSecret(what: string, place: Place, context: StackContext): void {
  const judge = judgeOf(context)
  const message = `${what} lies readable in the repository`
  if (judge.rules.plainSecrets === 'warn') {
    const hint =
      'Whoever can read the repository can read it: encrypt it, as docs/secrets.md tells, or keep it private.'
    judge.report.warning(place, 'secret-in-plain-text', message, hint)
  } else if (judge.rules.plainSecrets === 'deny') {
    const instead = 'Whoever can read the repository can read it: encrypt it, as docs/secrets.md tells.'
    refuse(judge, { code: 'policy-plain-secret', place, message, instead, setting: 'plainSecrets' })
  }
}
