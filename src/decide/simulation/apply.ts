import { overlap, parseBlock } from '../../model/cidr.ts'
import { StepFailed } from '../../model/errors.ts'
import { EMPTY_IMAGE, type ImageConfig } from '../../model/fields.ts'
import type { HealthCheck, Subnet } from '../../model/stack.ts'
import type { Step, StepArguments, StepKind, Touched } from '../../model/steps.ts'
import { updatedFields } from '../drift/limits.ts'
import { shownFields, wantedFields } from '../drift/settings.ts'
import { isUp } from '../match.ts'
import { begin, end, interrupt } from './advance.ts'
import type { SimulatedContainer, SimulatedTraffic, World } from './world.ts'

type Apply<Kind extends StepKind> = (world: World, stack: string, args: StepArguments[Kind]) => void

/** Carries one step out on the world. Throws StepFailed where an engine would refuse it. */
export function apply(world: World, step: Step): void {
  const change = CHANGES[step.kind] as Apply<StepKind>
  change(world, step.stack, step.args)
}

/** Carries one step out; what an engine would refuse is told to the next pass. False when it was refused. */
export function tryStep(world: World, step: Step): boolean {
  try {
    apply(world, step)
    return true
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error
    const { fault, message: reason } = error
    world.happened.push({ kind: 'step-failed', stack: step.stack, step, fault, reason })
    return false
  }
}

/** One entry for each kind of step: a forgotten one does not compile. */
const CHANGES: { [Kind in StepKind]: Apply<Kind> } = {
  'pull-image': (world, _stack, { reference }) => {
    const pull = world.behaviours.get(reference)?.pull
    if (pull === 'missing') throw new StepFailed('release', `image ${reference} does not exist`)
    if (pull === 'unreachable') throw new StepFailed('platform', `the registry of ${reference} cannot be reached`)
    world.images.add(reference)
  },
  'create-network': (world, stack, { network, subnet = null }) => {
    const there = world.networks.get(network)
    if (there) requireOurs(there, stack, `network ${network}`)
    else addNetwork(world, stack, network, subnet)
  },
  'create-volume': (world, stack, { volume }) => {
    const there = world.volumes.get(volume)
    if (there) requireOurs(there, stack, `volume ${volume}`)
    else world.volumes.set(volume, { name: volume, ours: true, files: false, stack })
  },
  'create-files': (world, stack, { volume, image }) => {
    const there = world.volumes.get(volume)
    if (there) return requireOurs(there, stack, `volume ${volume}`)
    requireImage(world, image)
    world.volumes.set(volume, { name: volume, ours: true, files: true, stack })
  },
  create: (world, stack, args) => {
    const same = world.containers.find((c) => c.name === args.container)
    if (same?.state === 'created' && same.spec === args.spec) return
    if (isTaken(world, args.container)) {
      throw new StepFailed('platform', `the name ${args.container} is taken by another container`)
    }
    requireImage(world, args.image)
    requireVolumes(world, args)
    world.containers.push(newContainer(world, stack, args))
  },
  start: (world, _stack, { container, ...touched }) => {
    const found = existing(world, { container, ...touched })
    if (found.state === 'running') return
    // A paused one goes on where it was: that is no other start.
    if (found.state === 'paused') {
      found.state = 'running'
      return
    }
    if (found.networkOf !== '' && !world.containers.some((c) => c.id === found.networkOf && isUp(c))) {
      throw new StepFailed('platform', `Cannot start ${container}: the container whose network it uses does not run`)
    }
    const { refuses, blocked } = world.behaviours.get(found.image) ?? {}
    if (blocked) throw new StepFailed('platform', `Cannot start ${container}: ${blocked}`)
    if (refuses) throw new StepFailed('release', `Cannot start ${container}: ${refuses}`)
    found.restarts = 0
    begin(world, found, world.nowMs)
  },
  rename: (world, _stack, { to, ...touched }) => {
    const found = existing(world, touched)
    if (found.actualName !== to && isTaken(world, to)) {
      throw new StepFailed('platform', `the name ${to} is taken by another container`)
    }
    found.actualName = to
  },
  attach: (world, _stack, { container, network, aliases, address = '' }) => {
    const found = existing(world, { container })
    if (!world.networks.has(network)) throw new StepFailed('platform', `the network ${network} does not exist`)
    found.attached = { ...found.attached, [network]: { aliases, address } }
  },
  detach: (world, _stack, { container, network }) => {
    leave(existing(world, { container }), network)
  },
  update: (world, _stack, { container, limits }) => {
    const found = existing(world, { container })
    found.fields = { ...found.fields, ...updatedFields(limits) }
  },
  promote: (world, _stack, { restart, ...touched }) => {
    existing(world, touched).restart = restart
  },
  admit: (world, _stack, { container, listing }) => {
    const found = existing(world, { container })
    const { joined, listed } = trafficIn(world)
    const missing = Object.keys(listing.names).find((network) => !joined.has(network))
    if (missing !== undefined) throw new StepFailed('platform', `the names are not in the network ${missing}`)
    delete found.unlistedAtMs
    listed.set(container, listing)
  },
  withdraw: (world, _stack, { container }) => withdraw(world, container),
  drain: (world, _stack, touched) => {
    const found = find(world, touched)
    if (found) found.restart = 'no'
    withdraw(world, touched.container)
  },
  stop: (world, _stack, touched) => {
    const found = find(world, touched)
    if (!found || found.state === 'exited' || found.state === 'created') return
    end(world, found, 143, 'was stopped')
  },
  remove: (world, _stack, touched) => {
    const found = find(world, touched)
    if (found && isUp(found)) interrupt(world, found, 'was removed')
    world.containers = world.containers.filter((c) => c !== found)
  },
  'mark-stable': (world, stack, { release, image }) => {
    requireImage(world, image)
    world.marks.set(stack, release)
  },
  'clear-mark': (world, stack) => {
    world.marks.delete(stack)
  },
  'run-gateway': (world) => {
    trafficIn(world).gateway = true
  },
  'run-names': (world) => {
    trafficIn(world).names = true
  },
  'join-names': (world, _stack, { network, address }) => {
    if (!world.networks.has(network)) throw new StepFailed('platform', `the network ${network} does not exist`)
    const { joined, names } = trafficIn(world)
    if (!names) throw new StepFailed('platform', 'the names do not run')
    joined.set(network, address)
  },
  expose: (world, stack, { entries }) => {
    const { entries: held, gateway } = trafficIn(world)
    if (!gateway) throw new StepFailed('platform', 'the gateway does not run')
    held.set(stack, entries)
  },
  'remove-network': (world, stack, { network }) => {
    world.traffic?.joined.delete(network)
    const there = world.networks.get(network)
    if (there) requireOurs(there, stack, `network ${network}`)
    world.networks.delete(network)
  },
  'remove-files': (world, stack, { volume }) => {
    const there = world.volumes.get(volume)
    if (there) requireOurs({ ours: there.ours && there.files, stack: there.stack }, stack, `volume ${volume}`)
    world.volumes.delete(volume)
  },
}

function trafficIn({ traffic }: World): SimulatedTraffic {
  if (traffic) return traffic
  throw new StepFailed('platform', 'this target has no gateway')
}

function withdraw(world: World, name: string): void {
  if (!world.traffic?.listed.delete(name)) return
  const found = world.containers.find((c) => c.name === name)
  if (found) found.unlistedAtMs = world.nowMs
}

/** Two networks of one engine never overlap. */
function addNetwork(world: World, stack: string, network: string, subnet: Subnet | null): void {
  const block = parseBlock(subnet?.subnet ?? '')
  const used = [...world.networks.values()].flatMap((other) => parseBlock(other.subnet?.subnet ?? '') ?? [])
  if (block && used.some((other) => overlap(block, other))) {
    throw new StepFailed('platform', `the subnet of the network ${network} overlaps that of another one`)
  }
  world.networks.set(network, { ours: true, stack, subnet })
  // Whoever was joined to an earlier one of this name is not joined to this one.
  for (const container of world.containers) leave(container, network)
}

function leave(container: SimulatedContainer, network: string): void {
  const { [network]: _left, ...attached } = container.attached
  container.attached = attached
}

function newContainer(world: World, stack: string, args: StepArguments['create']): SimulatedContainer {
  world.serial += 1
  const check = checkOf(world, args)
  return {
    id: `id-${world.serial}`,
    name: args.container,
    actualName: args.container,
    ...(args.alias === undefined ? {} : { alias: args.alias }),
    stack,
    service: args.service,
    slot: args.slot,
    role: args.role,
    spec: args.spec,
    release: args.release,
    image: args.image,
    state: 'created',
    health: 'none',
    ...(check ? { check } : {}),
    startedAt: '',
    restarts: 0,
    exitCode: 0,
    lastCheck: '',
    complaint: '',
    error: '',
    restart: 'no',
    publish: args.publish,
    ingress: args.ingress ?? [],
    ...(args.lookups ? { lookups: args.lookups } : {}),
    addresses: args.addresses,
    attached: attachedOf(args),
    address: '',
    networkOf: args.networkOf === undefined ? '' : existing(world, { container: args.networkOf }).id,
    fields: shownFields(wantedFields(args.config, args.image, imageConfigOf(world, args.image))),
    imageConfig: imageConfigOf(world, args.image),
    volumes: args.config.mounts.flatMap((mount) => ('volume' in mount ? [mount.volume] : [])).sort(),
    upSinceMs: world.nowMs,
  }
}

function attachedOf({ config, addresses, lookups }: StepArguments['create']): SimulatedContainer['attached'] {
  const joined = config.networks.map(({ network, aliases, address = addresses[network] ?? '' }) => {
    const known = lookups?.gated.includes(network) ? [] : aliases
    return [network, { aliases: known, address }] as const
  })
  return Object.fromEntries(joined)
}

function isTaken({ containers, strangers }: World, name: string): boolean {
  return strangers.includes(name) || containers.some((c) => c.actualName === name)
}

function existing(world: World, touched: Touched): SimulatedContainer {
  const found = find(world, touched)
  if (found) return found
  throw new StepFailed('platform', `container ${touched.container} is gone`)
}

/** Ours by its name; one of Compose's only when the step says so, by its id. */
function find(world: World, { container, adopted }: Touched): SimulatedContainer | undefined {
  return world.containers.find((c) =>
    adopted === undefined ? c.name === container && !c.adopted : isAdopted(c, adopted),
  )
}

function isAdopted({ id, adopted }: SimulatedContainer, wanted: string): boolean {
  return adopted === true && id === wanted
}

/** The service's own check, or else the image's; `none` disables both. */
function checkOf(world: World, { config, image }: StepArguments['create']): HealthCheck | undefined {
  if (config.healthcheck === 'none') return undefined
  return config.healthcheck ?? world.behaviours.get(image)?.check
}

/** Not the release's fault: the image was there when it was pulled, and somebody took it away since. */
function requireImage(world: World, image: string): void {
  if (!world.images.has(image)) throw new StepFailed('platform', `no such image: ${image}`)
}

/** A real engine would silently make an empty volume; the executor refuses instead. */
function requireVolumes(world: World, { config }: StepArguments['create']): void {
  for (const mount of config.mounts) {
    if ('volume' in mount && !world.volumes.has(mount.volume)) {
      throw new StepFailed('platform', `the volume ${mount.volume} does not exist`)
    }
  }
}

function requireOurs(there: { ours: boolean; stack: string }, stack: string, what: string): void {
  if (!there.ours || there.stack !== stack) {
    throw new StepFailed('platform', `the ${what} is not Holdfast's for the stack ${stack} and is left alone`)
  }
}

function imageConfigOf(world: World, image: string): ImageConfig {
  return world.behaviours.get(image)?.config ?? EMPTY_IMAGE
}
