import { type GatewayState, sorted, withStack } from './state.ts'

/** Where a certificate is, in the folder of certificates. */
function fileOfCertificate(name: string): string {
  return `${name}.pem`
}

/**
 * Without the entries whose certificate is not there as it was brought: without it nothing at all could be loaded. They
 * are then missed, and brought again. `digests`: of the files that are there, by their name.
 */
export function intactState(state: GatewayState, digests: Record<string, string>): GatewayState {
  let intact: GatewayState = {}
  for (const [stack, { entries, listed, certificates }] of sorted(state)) {
    const isThere = (name: string) => digests[fileOfCertificate(name)] === (certificates[name] ?? '')
    const left = entries.filter(
      ({ at }) => at.kind === 'port' || at.certificate === undefined || isThere(at.certificate),
    )
    intact = withStack(intact, stack, { entries: left, listed, certificates: usedBy(left, certificates) })
  }
  return intact
}

/** The certificates that the entries ask for, of those given. */
export function usedBy(entries: GatewayState[string]['entries'], certificates: Record<string, string>) {
  const used = new Set(entries.flatMap(({ at }) => (at.kind === 'route' ? (at.certificate ?? []) : [])))
  return Object.fromEntries(sorted(certificates).filter(([name]) => used.has(name)))
}
