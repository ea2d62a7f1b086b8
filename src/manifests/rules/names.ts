import type { StackContext } from '../normalise/context.ts'
import { networkName, volumeName } from '../normalise/names.ts'
import type { MadeService } from '../normalise/service.ts'
import type { Path } from '../path.ts'
import type { Place, Report } from '../report.ts'
import { display } from '../shape.ts'

/** A name or an address that can be had only once on an engine, and where to complain about it. */
export interface NameClaim {
  kind: 'container' | 'network' | 'volume' | 'address'
  /** What must differ from every other claim of its kind. */
  name: string
  /** As it stands in the file. */
  shown: string
  target: string
  stack: string
  /** Who wants it, in words. */
  owner: string
  place: Place
  report: Report
}

/** Two claims on one name are a problem of both, in one stack or in two. */
export function checkNames(claims: readonly NameClaim[]): void {
  const byName = new Map<string, NameClaim[]>()
  for (const claim of claims) {
    const key = [claim.target, claim.kind, claim.name].join('\0')
    byName.set(key, [...(byName.get(key) ?? []), claim])
  }
  for (const group of byName.values()) {
    for (const claim of group) {
      const rival = group.find((other) => other !== claim && isRival(claim, other))
      if (rival !== undefined) reportConflict(claim, rival)
    }
  }
}

/** Within a stack two keys may mean one volume or network, as in Compose. */
function isRival(claim: NameClaim, other: NameClaim): boolean {
  return claim.stack !== other.stack || claim.kind === 'container' || claim.kind === 'address'
}

function reportConflict({ kind, shown, stack, place, report }: NameClaim, rival: NameClaim): void {
  const owner =
    rival.stack === stack ? rival.owner : [rival.owner, `stack \`${rival.stack}\``].filter(Boolean).join(' of ')
  const [code, noun, hint] = WORDS[kind]
  report.error(place, code, `The ${noun} ${shown} is also that of ${owner}`, hint)
}

const SHARE = 'Give one of the two another `name`, or mark it `external: true` in the stack that only uses it.'
const WORDS = {
  container: ['name-conflict', 'container name', 'Give one of the two another `container_name`, or remove it.'],
  network: ['name-conflict', 'network', SHARE],
  volume: ['name-conflict', 'volume', SHARE],
  address: ['address-conflict', 'address', 'Choose another one.'],
} as const

/** Who claims, whatever it is. */
type Claimant = Pick<NameClaim, 'target' | 'stack' | 'report'>

/** What a stack claims: names of networks and volumes that it makes, names of its containers, and addresses. */
export function nameClaims(context: StackContext, services: readonly MadeService[], target: string): NameClaim[] {
  const claimant = { target, stack: context.stack, report: context.report }
  return [
    ...[...context.usedNetworks].flatMap((key) => claimOfResource('network', key, context, claimant)),
    ...[...context.usedVolumes].flatMap((key) => claimOfResource('volume', key, context, claimant)),
    ...services.flatMap((service) => [...nameOf(service, claimant), ...addressesOf(service, claimant)]),
  ]
}

function claimOfResource(
  kind: 'network' | 'volume',
  key: string,
  context: StackContext,
  claimant: Claimant,
): NameClaim[] {
  const section = `${kind}s` as const
  const definition = context.data[section]?.[key]
  if (definition?.external === true) return []
  const name = kind === 'network' ? networkName(key, context) : volumeName(key, context)
  const path = [section, key, 'name']
  const shown = definition?.name === undefined ? `\`${name}\`` : display(context.manifest, path)
  return [{ ...claimant, kind, name, shown, owner: '', place: context.manifest.at(path) }]
}

function nameOf({ service, context }: MadeService, claimant: Claimant): NameClaim[] {
  if (service.containerName === undefined) return []
  const path = [...context.path, 'container_name']
  return [{ ...claimant, kind: 'container', name: service.containerName, ...placed(path, context) }]
}

function addressesOf({ context }: MadeService, claimant: Claimant): NameClaim[] {
  const networks = context.file.networks ?? []
  if (Array.isArray(networks)) return []
  return Object.entries(networks).flatMap(([key, joined]) => {
    if (joined?.ipv4_address === undefined) return []
    // The same address on another network is another one.
    const name = `${networkName(key, context)} ${joined.ipv4_address}`
    const path = [...context.path, 'networks', key, 'ipv4_address']
    return [{ ...claimant, kind: 'address', name, ...placed(path, context) }]
  })
}

function placed(path: Path, { manifest, service }: MadeService['context']) {
  return { shown: display(manifest, path), owner: `\`${service}\``, place: manifest.at(path) }
}
