import type { TrafficReport } from '../../model/traffic.ts'

/** What one target told. */
export interface TargetRoutes {
  /** Its name; empty for the default one. */
  target: string
  /** Null where it has no gateway and no names. */
  traffic: TrafficReport | null
}

/** The part that leads to one stack; all of it for none. */
export function ofStack(report: TrafficReport | null, stack: string | undefined): TrafficReport | null {
  if (report === null || stack === undefined) return report
  const { gateway, names } = report
  const isMeant = (one: { stack: string }) => one.stack === stack
  return {
    gateway: gateway && { ...gateway, entries: gateway.entries.filter(isMeant) },
    names:
      names
        ?.map((joined) => ({ ...joined, found: joined.found.filter(isMeant) }))
        .filter(({ found }) => found.length > 0) ?? null,
  }
}
