import type { StackContext } from '../normalise/context.ts'
import type { MadeService } from '../normalise/service.ts'
import { checkExternals } from './policy-externals.ts'
import { checkHost } from './policy-host.ts'
import { checkImage } from './policy-images.ts'
import { checkLimits, checkReplicasOfStack } from './policy-limits.ts'
import { checkPrivileges } from './policy-privileges.ts'
import { checkUser } from './policy-users.ts'
import { judgeOf } from './policy-verdict.ts'

/** What the settings let this stack ask for. The repository has no say in it. */
export function checkPolicy(services: readonly MadeService[], context: StackContext): void {
  const judge = judgeOf(context)
  for (const made of services) {
    checkPrivileges(made, judge)
    checkHost(made, judge)
    checkImage(made, judge)
    checkUser(made, judge)
    checkLimits(made, judge)
  }
  checkReplicasOfStack(services, judge)
  checkExternals(judge)
}
