import { StepFailed } from '../../../model/errors.ts'
import type { StepArguments } from '../../../model/steps.ts'
import type { Listing, ObservedTraffic, TrafficReport } from '../../../model/traffic.ts'
import { foundOf, joinedTo, type NamesFiles, networksIn, withFound, withoutNetwork } from '../../../traffic/names.ts'
import { orNull } from '../errors.ts'
import type { Context } from '../ownership.ts'
import type { PullContext } from '../pull.ts'
import { inspectOurs, type Ours, onceMoreIfGone, runOurs } from './container.ts'
import { applyFiles, awaitNames, filesOfNames, lookAtNames, namesOf, type SeenNames } from './names-files.ts'
import { ensureHome, homeOf, joinNetwork, leaveNetwork } from './networks.ts'
import { openQueue } from './queue.ts'
import { shared } from './shared.ts'

type StackContext = Context & { stack: string }

/** The names of one target: which of its networks they are asked in, and whom they know there. */
export interface Names {
  /** Makes sure that they run, and are in every network that they know of. */
  run(context: PullContext): Promise<void>
  observe(context: Context, stack: string): Promise<ObservedNames>
  /** Of all stacks; null while they do not run. */
  report(context: Context): Promise<TrafficReport['names']>
  join(context: Context, args: StepArguments['join-names']): Promise<void>
  /** What leads to the container by name from now on; nothing for null. */
  set(context: StackContext, container: string, names: Listing['names'] | null): Promise<void>
  /** So that the network can be removed. */
  leave(context: Context, network: string): Promise<void>
}

export interface ObservedNames {
  running: boolean
  joined: ObservedTraffic['joined']
  /** By container of the stack. */
  listed: Record<string, Listing['names']>
}

const MEMORY_BYTES = 512 * 1024 * 1024
const MOST_PROCESSES = 4096

export function openNames({ image }: { image: string }): Names {
  const queue = openQueue<Context, Awaited<ReturnType<typeof filesOfNames>>, NamesFiles>({
    read: filesOfNames,
    apply: applyFiles,
  })
  const look = shared(lookAtNames)
  const run = shared(async (context: PullContext) => {
    await ensureHome(context)
    await onceMoreIfGone(context, oursOf(context, image), async () => {
      await runOurs(context, oursOf(context, image))
      await rejoin(context, await awaitNames(context))
    })
  })
  return {
    run,
    async observe(context, stack) {
      const seen = await look(context)
      if (seen === null) return { running: false, joined: {}, listed: {} }
      return { running: true, joined: joinedIn(seen), listed: foundOf(seen.files, stack) }
    },
    async report(context) {
      const seen = await look(context)
      return seen === null ? null : networksIn(joinedFiles(seen))
    },
    async join(context, { network, address }) {
      await joinNetwork(context, namesOf(context), network, address)
      await queue.change(context, (files) => joinedTo(files, network, address))
    },
    async set(context, container, names) {
      const isNothing = Object.keys(names ?? {}).length === 0
      if (isNothing && (await inspectOurs(context, namesOf(context), 'names')) === null) return
      await queue.change(context, (files) => {
        const { files: changed, missing } = withFound(files, { stack: context.stack, container }, names)
        if (missing.length > 0) throw notJoined(context, missing)
        return changed
      })
    },
    async leave(context, network) {
      const info = await inspectOurs(context, namesOf(context), 'names')
      if (info === null) return
      await leaveNetwork(context, info, network)
      if (info.State.Running) await queue.change(context, (files) => withoutNetwork(files, network))
    },
  }
}

/** It never routes from one network to another, and is root only to listen where names are asked for. */
function oursOf({ instance }: Context, image: string): Ours {
  return {
    name: namesOf({ instance }),
    role: 'names',
    image,
    command: ['names'],
    hostConfig: {
      NetworkMode: homeOf(instance),
      CapAdd: ['NET_BIND_SERVICE', 'SETGID'],
      Sysctls: { 'net.ipv4.ip_forward': '0' },
      Memory: MEMORY_BYTES,
      PidsLimit: MOST_PROCESSES,
    },
  }
}

/** What a container that had to be made anew is not in yet. Where it cannot be now is left to `join`, which says why. */
async function rejoin(context: Context, { files, addresses }: SeenNames): Promise<void> {
  const lost = Object.entries(files).filter(([address, { network }]) => addresses[network] !== address)
  for (const [address, { network }] of lost) {
    if (network !== '') await orNull(joinNetwork(context, namesOf(context), network, address)).catch(() => {})
  }
}

function joinedIn(seen: SeenNames): Record<string, string> {
  return Object.fromEntries(Object.entries(joinedFiles(seen)).map(([address, { network }]) => [network, address]))
}

/** Where they have the address at which they listen, and nobody changed what they answer there. */
function joinedFiles({ files, addresses }: SeenNames): NamesFiles {
  const joined = Object.entries(files).filter(
    ([address, { network, isIntact }]) => isIntact && addresses[network] === address,
  )
  return Object.fromEntries(joined)
}

function notJoined(context: Context, networks: string[]): StepFailed {
  const where = networks.length === 1 ? `the network ${networks[0]}` : `the networks ${networks.join(', ')}`
  return new StepFailed(
    'platform',
    `The names (${namesOf(context)}) are not in ${where} yet: they join at the next look.`,
  )
}
