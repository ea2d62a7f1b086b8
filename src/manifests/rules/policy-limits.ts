import { bytesText } from '../../model/fields.ts'
import type { ContainerSpec } from '../../model/stack.ts'
import { replicasPath } from '../normalise/kind.ts'
import type { MadeService } from '../normalise/service.ts'
import type { Path } from '../path.ts'
import type { Limit, Limits } from '../policy/policy.ts'
import { type Judge, refuse } from './policy-verdict.ts'

/** How much one service may have. */
export function checkLimits(made: MadeService, judge: Judge): void {
  checkReplicas(made, judge)
  for (const kind of KINDS) checkLimit(kind, made, judge)
}

function checkReplicas({ service, context }: MadeService, judge: Judge): void {
  const most = judge.rules.limits.replicasPerService
  if (most === undefined || service.replicas <= most) return
  refuse(judge, {
    code: 'policy-limit',
    place: context.manifest.at(replicasPath(context)),
    message: `\`${service.name}\` has ${service.replicas} replicas, and ${most} are allowed`,
    instead: 'Use fewer.',
    setting: 'limits',
  })
}

/** Those that run beside their successors during a rollout are not counted. */
export function checkReplicasOfStack(services: readonly MadeService[], judge: Judge): void {
  const most = judge.rules.limits.replicasPerStack
  const all = services.reduce((sum, { service }) => sum + service.replicas, 0)
  if (most === undefined || all <= most) return
  refuse(judge, {
    code: 'policy-limit',
    place: judge.manifest.keyAt(['services']),
    message: `The services have ${all} replicas together, and ${most} are allowed`,
    instead: 'Use fewer.',
    setting: 'limits',
  })
}

interface Kind {
  limit: Limit
  /** How it is called at a service, and below deploy.resources.limits. */
  key: 'mem_limit' | 'cpus' | 'pids_limit'
  deployed: 'memory' | 'cpus' | 'pids'
  noun: string
  most(limits: Limits): number | undefined
  /** Zero or less for none. */
  given(container: ContainerSpec): number
  text(amount: number): string
}

const KINDS: readonly Kind[] = [
  {
    ...{ limit: 'memory', key: 'mem_limit', deployed: 'memory', noun: 'memory', text: bytesText },
    most: ({ memoryBytes }) => memoryBytes,
    given: ({ memoryBytes = 0 }) => memoryBytes,
  },
  {
    ...{ limit: 'cpus', key: 'cpus', deployed: 'cpus', noun: 'CPUs', text: String },
    most: ({ cpus }) => cpus,
    // What is less than the engine can count is no limit to it.
    given: ({ cpus = 0 }) => Math.round(cpus * 1e9) / 1e9,
  },
  {
    ...{ limit: 'pids', key: 'pids_limit', deployed: 'pids', noun: 'processes', text: String },
    most: ({ pids }) => pids,
    given: ({ pids = 0 }) => pids,
  },
]

function checkLimit(kind: Kind, { service, context }: MadeService, judge: Judge): void {
  const most = kind.most(judge.rules.limits)
  const given = kind.given(service.container)
  const isLacking = given <= 0 && (most !== undefined || judge.rules.limitsRequired.includes(kind.limit))
  if (!isLacking && given <= (most ?? Number.POSITIVE_INFINITY)) return
  const allowed = most === undefined ? '' : `, and ${kind.text(most)} are allowed`
  const path = limitPath(kind, context)
  refuse(judge, {
    code: 'policy-limit',
    place: path === null ? context.manifest.keyAt(context.path) : context.manifest.at(path),
    message: isLacking
      ? `\`${service.name}\` has no limit of ${kind.noun}${allowed}`
      : `\`${service.name}\` may use ${kind.text(given)} of ${kind.noun}${allowed}`,
    instead: `Set \`${kind.key}\` or \`deploy.resources.limits.${kind.deployed}\`${most === undefined ? '' : `, at most ${kind.text(most)}`}.`,
    setting: most === undefined ? 'limitsRequired' : 'limits',
  })
}

/** Where the limit stands; null when it does not. */
function limitPath({ key, deployed }: Kind, { file, path }: MadeService['context']): Path | null {
  if (file[key] !== undefined) return [...path, key]
  if (file.deploy?.resources?.limits?.[deployed] === undefined) return null
  return [...path, 'deploy', 'resources', 'limits', deployed]
}
