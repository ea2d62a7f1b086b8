import type { ContainerSpec } from '../../model/stack.ts'
import { present, type ServiceContext } from './context.ts'
import { sizeBytes } from './quantity.ts'

type Surroundings = Pick<
  ContainerSpec,
  | 'domainname'
  | 'groupAdd'
  | 'dns'
  | 'dnsSearch'
  | 'dnsOptions'
  | 'sysctls'
  | 'ulimits'
  | 'shmBytes'
  | 'tty'
  | 'stdinOpen'
>

/** What the engine sets up around the program. What is the engine's default anyway is left out. */
export function surroundingsOf({ file }: ServiceContext): Surroundings {
  return present<Surroundings>({
    domainname: file.domainname,
    groupAdd: file.group_add?.flatMap((group) => [String(group)]),
    dns: listOf(file.dns),
    dnsSearch: listOf(file.dns_search),
    dnsOptions: listOf(file.dns_opt),
    sysctls: file.sysctls && sysctlsOf(file.sysctls),
    ulimits: file.ulimits && ulimitsOf(file.ulimits),
    shmBytes: file.shm_size === undefined ? undefined : sizeBytes(file.shm_size) || undefined,
    tty: file.tty || undefined,
    stdinOpen: file.stdin_open || undefined,
  })
}

/** Without holes, which values leave that were refused. */
function listOf(value: string | string[] | undefined): string[] | undefined {
  const list = [value ?? []].flat()
  return list.length === 0 ? undefined : list
}

function sysctlsOf(value: string[] | Record<string, string | number>): Record<string, string> {
  const entries = Array.isArray(value)
    ? value.flatMap((line) => [[line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]])
    : Object.entries(value).map(([name, setting]) => [name, String(setting)])
  return Object.fromEntries(entries)
}

function ulimitsOf(value: Record<string, number | { soft: number; hard: number }>) {
  const entries = Object.entries(value).map(([name, limit]) => {
    return [name, typeof limit === 'number' ? { soft: limit, hard: limit } : { soft: limit.soft, hard: limit.hard }]
  })
  return Object.fromEntries(entries)
}
