import type { Policy } from '../manifests/policy/policy.ts'
import { policyOf } from '../manifests/policy/read.ts'
import { HoldfastError } from '../model/errors.ts'
import type { Layers } from './layers.ts'
import type { TargetSettings } from './settings.ts'

/** What manifests may ask for. Throws a HoldfastError with everything in it that cannot be meant, each with its place. */
export function policySettings({ value, refuse }: Layers, targets: Record<string, TargetSettings>): Policy {
  const { policy, faults } = policyOf(value.policy, Object.values(targets).flatMap(socketOf))
  if (faults.length === 0) return policy
  const errors = faults.map(({ path, message, hint }) => refuse(['policy', ...path], `${message}. ${hint}`))
  throw new HoldfastError('terminal', errors.map((error) => error.message).join('\n'))
}

/** Where the engine's own socket lies on its host, as far as its endpoint says so. */
function socketOf({ endpoint }: TargetSettings): string[] {
  if (endpoint.kind === 'unix') return [endpoint.path]
  return endpoint.kind === 'ssh' ? [endpoint.socket] : []
}
