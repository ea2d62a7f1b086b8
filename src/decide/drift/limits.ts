import { EMPTY_IMAGE, type Field, type Fields, NONE } from '../../model/fields.ts'
import type { ContainerSpec } from '../../model/stack.ts'
import type { Limits } from '../../model/steps.ts'
import { SETTINGS, shownFields } from './settings.ts'

/** What `docker update` can set. */
const LIMITS = {
  cpus: true,
  cpuShares: true,
  cpuset: true,
  memoryBytes: true,
  memorySwapBytes: true,
  memoryReservationBytes: true,
  pids: true,
} satisfies Record<keyof Limits, true>

/** The engine takes an absent limit for one to be left as it is; only that of processes can be lifted again. */
export function canUpdate(field: Field, wanted: unknown): boolean {
  return field in LIMITS && (wanted !== NONE || field === 'pids')
}

export function limitsOf(spec: ContainerSpec): Limits {
  return Object.fromEntries(Object.entries(spec).filter(([key, limit]) => key in LIMITS && limit !== undefined))
}

/** What a container shows after an update of its limits; the others stay as they were. */
export function updatedFields(limits: Limits): Fields {
  const spec = { environment: {}, labels: {}, mounts: [], networks: [], stopGraceMs: 0, ...limits }
  const wanted = Object.keys(LIMITS).map((key) => {
    const field = key as keyof Limits
    return [field, SETTINGS[field].wanted(spec, EMPTY_IMAGE, '')] as const
  })
  return shownFields(Object.fromEntries(wanted.filter(([field, value]) => canUpdate(field, value))))
}
