import type { ProblemCode } from '../codes.ts'
import type { StackContext } from '../normalise/context.ts'
import { DEFAULT_POLICY, type Rules, rulesFor } from '../policy/policy.ts'
import type { Place } from '../report.ts'

/** A stack, and what the settings let it ask for. */
export interface Judge extends StackContext {
  rules: Rules
  /** Sockets of engines, beyond those in the usual places. */
  sockets: readonly string[]
}

/** The rules that the settings have for this stack. */
export function judgeOf(context: StackContext): Judge {
  const { policy = DEFAULT_POLICY, source } = context.options
  return { ...context, rules: rulesFor(policy, { stack: context.stack, source }), sockets: policy.sockets }
}

interface Violation {
  code: Extract<ProblemCode, `policy-${string}`>
  place: Place
  message: string
  /** What to do about it in the repository. */
  instead: string
  /** The key of the policy that decides. */
  setting: keyof Rules
}

/** Every violation names the setting: who reads it may not know that there is one. */
export function refuse({ report, stack }: Judge, { code, place, message, instead, setting }: Violation): void {
  const hint = `${instead} Only Holdfast's settings can allow it: \`policy.${setting}\`, or \`policy.stacks.${stack}.${setting}\` for this stack.`
  report.error(place, code, message, hint)
}
