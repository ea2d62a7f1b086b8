import type { Drift } from './drift.ts'

/** `cpus 0.5 → 2, environment.API_KEY changed`: from what the release says to what is there. */
export function driftWords(drift: Drift[]): string {
  return drift
    .map(({ field, values }) => (values ? `${field} ${values.wanted} → ${values.found}` : `${field} changed`))
    .join(', ')
}

/** Why a replica is replaced. Fields only: by the same words one that was replaced in vain is recognised. */
export function replaceWords(drift: Drift[]): string {
  return `${REPLACED_FOR}${drift.map(({ field }) => field).join(', ')}`
}

/** How the cause of every replacement for a difference begins. */
export const REPLACED_FOR = 'not as the release says: '
