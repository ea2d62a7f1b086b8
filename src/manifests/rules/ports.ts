import type { PublishedPort } from '../../model/stack.ts'
import type { Place, Report } from '../report.ts'

/** A host port that a service wants, and where to complain about it. */
export interface PortClaim extends PublishedPort {
  /** The target whose host it is. */
  host: string
  stack: string
  service: string
  place: Place
  report: Report
}

const EVERYWHERE = ['', '0.0.0.0', '::']

/** Two claims on one port of a target are a problem of both, in one stack or in two. */
export function checkPorts(claims: readonly PortClaim[]): void {
  for (const group of groups(claims)) {
    for (const [at, claim] of group.entries()) {
      const rival = group.find((other, index) => index !== at && overlap(claim, other))
      if (rival !== undefined) reportConflict(claim, rival)
    }
  }
}

function groups(claims: readonly PortClaim[]): Iterable<PortClaim[]> {
  const byPort = new Map<string, PortClaim[]>()
  for (const claim of claims) {
    const key = `${claim.host} ${claim.published}/${claim.protocol}`
    byPort.set(key, [...(byPort.get(key) ?? []), claim])
  }
  return byPort.values()
}

function overlap(a: PortClaim, b: PortClaim): boolean {
  return a.address === b.address || EVERYWHERE.includes(a.address) || EVERYWHERE.includes(b.address)
}

/** Complains about a port of the host that is not free for the claim. */
export function reportPortConflict({ published, protocol, place, report }: PortClaim, why: string, hint: string): void {
  report.error(place, 'port-conflict', `Port ${published}/${protocol} of the host ${why}`, hint)
}

function reportConflict(claim: PortClaim, rival: PortClaim): void {
  const holder =
    rival.stack === claim.stack ? `\`${rival.service}\`` : `\`${rival.service}\` of stack \`${rival.stack}\``
  const itself = rival.stack === claim.stack && rival.service === claim.service
  const why = itself ? 'is published twice here' : `is also published by ${holder}`
  reportPortConflict(claim, why, 'Give one of the two another port of the host.')
}
