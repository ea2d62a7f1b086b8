import type { ContainerSpec } from '../../model/stack.ts'
import type { Path } from '../path.ts'
import { present, type ServiceContext } from './context.ts'
import { sizeBytes } from './quantity.ts'

type Size = string | number | undefined
type Limits = Pick<
  ContainerSpec,
  | 'cpus'
  | 'memoryBytes'
  | 'pids'
  | 'memoryReservationBytes'
  | 'memorySwapBytes'
  | 'cpuShares'
  | 'cpuset'
  | 'oomScoreAdj'
>

/** What a replica may use. Some may stand at the service or under deploy.resources, but not with two meanings. */
export function limitsOf(context: ServiceContext): Limits {
  const { file } = context
  const { limits, reservations } = file.deploy?.resources ?? {}
  const made = present<Limits>({
    cpus: either('cpus', ['limits', 'cpus'], [file.cpus, limits?.cpus].map(numberOf), context),
    memoryBytes: either('mem_limit', ['limits', 'memory'], [file.mem_limit, limits?.memory].map(bytesOf), context),
    pids: either('pids_limit', ['limits', 'pids'], [file.pids_limit, limits?.pids], context),
    memoryReservationBytes: either(
      'mem_reservation',
      ['reservations', 'memory'],
      [file.mem_reservation, reservations?.memory].map(bytesOf),
      context,
    ),
    memorySwapBytes: swapOf(file.memswap_limit),
    cpuShares: file.cpu_shares || undefined,
    cpuset: file.cpuset === undefined ? undefined : String(file.cpuset),
    oomScoreAdj: file.oom_score_adj || undefined,
  })
  checkMemory(made, context)
  return made
}

function either(
  key: string,
  deployed: Path,
  [own, other]: (number | undefined)[],
  { manifest, report, path }: ServiceContext,
): number | undefined {
  if (own !== undefined && other !== undefined && own !== other) {
    const message = `\`${key}\` and \`deploy.resources.${deployed.join('.')}\` say different things`
    report.error(manifest.keyAt([...path, key]), 'conflicting-keys', message, `Remove \`${key}\`.`)
  }
  return own ?? other
}

/** The engine refuses these combinations when the container is created. */
function checkMemory(
  { memoryBytes, memoryReservationBytes, memorySwapBytes = -1 }: Limits,
  context: ServiceContext,
): void {
  const { manifest, report, path, file } = context
  if (memorySwapBytes > 0 && (memoryBytes ?? 0) === 0) {
    const place = manifest.keyAt([...path, 'memswap_limit'])
    report.error(place, 'missing-key', '`memswap_limit` needs a memory limit', 'Set `mem_limit` too, or remove it.')
  } else if (memorySwapBytes > 0 && memorySwapBytes < (memoryBytes ?? 0)) {
    const hint = 'It counts memory and swap together: set it to the memory limit or more.'
    const place = manifest.at([...path, 'memswap_limit'])
    report.error(place, 'conflicting-keys', '`memswap_limit` is less than the memory limit', hint)
  }
  if (memoryBytes !== undefined && memoryBytes > 0 && (memoryReservationBytes ?? 0) > memoryBytes) {
    const own = file.mem_reservation !== undefined
    const place = manifest.at([
      ...path,
      ...(own ? ['mem_reservation'] : ['deploy', 'resources', 'reservations', 'memory']),
    ])
    const message = 'The memory reservation is more than the memory limit'
    report.error(place, 'conflicting-keys', message, 'Reserve as much as the limit, or less.')
  }
}

function numberOf(value: Size): number | undefined {
  return value === undefined ? undefined : Number(value)
}

function bytesOf(value: Size): number | undefined {
  return value === undefined ? undefined : sizeBytes(value)
}

/** Zero leaves it to the engine. */
function swapOf(value: Size): number | undefined {
  if (value === undefined) return undefined
  return String(value) === '-1' ? -1 : sizeBytes(value) || undefined
}
