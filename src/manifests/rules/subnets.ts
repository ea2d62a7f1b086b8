import { type Block, overlap, parseSubnet } from '../../model/cidr.ts'
import type { StackContext } from '../normalise/context.ts'
import { networkName } from '../normalise/names.ts'
import { subnetOf } from '../normalise/subnet.ts'
import type { Place, Report } from '../report.ts'
import { display } from '../shape.ts'

/** Addresses that a network wants for itself on a target, and where to complain about it. */
export interface SubnetClaim extends Block {
  target: string
  network: string
  /** As it stands in the file. */
  shown: string
  place: Place
  report: Report
}

/** The subnets that a stack gives its networks; those of networks that exist already are unknown. */
export function subnetClaims(context: StackContext, target: string): SubnetClaim[] {
  const { data, manifest, report } = context
  return [...context.usedNetworks].flatMap((key) => {
    const definition = data.networks?.[key]
    const block = parseSubnet(subnetOf(definition)?.subnet ?? '')
    if (block === null || definition?.external === true) return []
    const path = ['networks', key, 'ipam', 'config', 0, 'subnet']
    const claim = { ...block, target, network: networkName(key, context), report }
    return [{ ...claim, shown: display(manifest, path), place: manifest.at(path) }]
  })
}

/** The engine refuses a network whose addresses another one has: a problem of both. */
export function checkSubnetOverlaps(claims: readonly SubnetClaim[]): void {
  for (const claim of claims) {
    const rival = claims.find((other) => isRival(claim, other))
    if (rival === undefined) continue
    const message = `The subnet ${claim.shown} overlaps with that of the network \`${rival.network}\``
    claim.report.error(claim.place, 'subnet-conflict', message, 'Give one of the two other addresses.')
  }
}

function isRival(claim: SubnetClaim, other: SubnetClaim): boolean {
  return claim.network !== other.network && claim.target === other.target && overlap(claim, other)
}
