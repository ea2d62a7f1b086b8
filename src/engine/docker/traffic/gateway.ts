import { StepFailed } from '../../../model/errors.ts'
import type { StepArguments } from '../../../model/steps.ts'
import type { Entry, GatewayReport, Listing } from '../../../model/traffic.ts'
import { usedBy } from '../../../traffic/intact.ts'
import { clashing, listenersOf } from '../../../traffic/listeners.ts'
import { type StackShown, shownOf } from '../../../traffic/reached.ts'
import { gatewayReport } from '../../../traffic/report.ts'
import type { GatewaySettings } from '../../../traffic/settings.ts'
import { emptyStack, type GatewayState, withStack } from '../../../traffic/state.ts'
import type { Context } from '../ownership.ts'
import type { PullContext } from '../pull.ts'
import { inspectOurs, isRunning, type Ours, onceMoreIfGone, runOurs } from './container.ts'
import {
  applyGateway,
  awaitGateway,
  digestOf,
  gatewayOf,
  isAsWanted,
  lookAtGateway,
  type SeenGateway,
  type WantedGateway,
} from './gateway-files.ts'
import { openQueue } from './queue.ts'
import { openRecent } from './recent.ts'
import { shared } from './shared.ts'

type StackContext = Context & { stack: string }

/** The gateway of one target: what all its stacks listen on, and which replicas it is handed to. */
export interface Gateway {
  /** Makes sure that it runs, and with exactly what it is to have. */
  run(context: PullContext): Promise<void>
  observe(context: Context, stack: string): Promise<ObservedGateway>
  /** Of all stacks; null while it does not run or does not answer. */
  report(context: Context): Promise<GatewayReport | null>
  /** The stack's entries from now on, all of them. */
  expose(context: StackContext, args: StepArguments['expose']): Promise<void>
  /** Where requests for the container are sent from now on; nowhere for null. */
  set(context: StackContext, container: string, requests: Listing['requests'] | null): Promise<void>
}

/** `running`: it runs and answers, and runs with what it is to have. */
export interface ObservedGateway extends StackShown {
  running: boolean
}

const NOTHING: ObservedGateway = { running: false, entries: [], listed: {}, reached: {}, takenEntries: {} }

/** What can stand in a configuration without being something else there. */
const PLAIN = /^[\x21-\x7e]*$/

/** A look costs the target some processes: a younger one is as good, unless something was changed since. */
const GOOD_FOR_MS = 1_000

export function openGateway({ image, ...settings }: GatewaySettings & { image: string }): Gateway {
  const queue = openQueue<Context, SeenGateway, WantedGateway>({
    read: awaitGateway,
    apply: (context, before, after) => applyGateway(context, before, after, settings),
  })
  // To find out whether it is as wanted takes a while, and is the same for all stacks.
  const looks = openRecent(async (context: Context) => {
    const seen = await lookAtGateway(context)
    return seen && { ...seen, isAsWanted: isAsWanted(seen.shown, seen.state, settings) }
  }, GOOD_FOR_MS)
  const look = shared(async (context: Context) => {
    const info = await inspectOurs(context, gatewayOf(context), 'gateway')
    return info !== null && isRunning(info) ? await looks.get(context, `${info.Id} ${info.State.StartedAt}`) : null
  })
  const change = async (context: Context, edit: (wanted: WantedGateway) => WantedGateway) => {
    looks.forget()
    await queue.change(context, edit).finally(looks.forget)
  }
  const run = shared(async (context: PullContext) => {
    const start = async () => {
      await runOurs(context, oursOf(context, image))
      // What somebody changed by hand is put right by this.
      await change(context, (wanted) => wanted)
    }
    await onceMoreIfGone(context, oursOf(context, image), start)
  })
  return {
    run,
    async observe(context, stack) {
      const seen = await look(context)
      if (seen === null) return NOTHING
      const { shown, state } = seen
      const found = shownOf({ ...shown, state }, stack)
      // Before it is put right nothing of it can be relied on, but what is under way is under way.
      if (seen.isAsWanted) return { running: true, ...found }
      return { ...NOTHING, reached: found.reached, takenEntries: found.takenEntries }
    },
    async report(context) {
      const seen = await look(context)
      return seen && gatewayReport({ ...seen.shown, state: seen.state })
    },
    expose: (context, args) => change(context, (wanted) => exposed(wanted, context.stack, args, settings)),
    async set(context, container, requests) {
      if (isNothing(requests) && (await inspectOurs(context, gatewayOf(context), 'gateway')) === null) return
      await change(context, (wanted) => listed(wanted, context.stack, container, requests))
    },
  }
}

/** On the host's network, for it listens on the host's ports. Its processes but the first are not root. */
function oursOf({ instance }: Context, image: string): Ours {
  return {
    name: gatewayOf({ instance }),
    role: 'gateway',
    image,
    command: ['gateway'],
    hostConfig: {
      NetworkMode: 'host',
      CapAdd: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'NET_BIND_SERVICE', 'SETGID', 'SETUID'],
    },
  }
}

function exposed(
  { state, certificates }: WantedGateway,
  stack: string,
  args: StepArguments['expose'],
  settings: GatewaySettings,
): WantedGateway {
  const brought = Object.entries(args.certificates).map(([name, pem]) => [name, Buffer.from(pem, 'base64')] as const)
  const known = state[stack] ?? emptyStack()
  const digests = { ...known.certificates, ...Object.fromEntries(brought.map(([name, pem]) => [name, digestOf(pem)])) }
  for (const entry of args.entries) refuseUnfit(entry, digests)
  const part = { ...known, entries: args.entries, certificates: usedBy(args.entries, digests) }
  const changed = withStack(state, stack, part)
  refuseClash(changed, stack, settings)
  const missing = brought.filter(([name, pem]) => known.certificates[name] !== digestOf(pem) && part.certificates[name])
  return { state: changed, certificates: { ...certificates, ...Object.fromEntries(missing) } }
}

function listed(
  wanted: WantedGateway,
  stack: string,
  container: string,
  requests: Listing['requests'] | null,
): WantedGateway {
  const known = wanted.state[stack] ?? emptyStack()
  const { [container]: _before, ...others } = known.listed
  const part = { ...known, listed: isNothing(requests) ? others : { ...others, [container]: requests } }
  return { ...wanted, state: withStack(wanted.state, stack, part) }
}

function isNothing(requests: Listing['requests'] | null): requests is null {
  return requests === null || Object.keys(requests).length === 0
}

function refuseUnfit({ name, at }: Entry, digests: Record<string, string>): void {
  const words = at.kind === 'port' ? [at.address] : [at.host, at.path, at.certificate ?? '']
  if (!words.every((word) => PLAIN.test(word))) {
    throw new StepFailed('release', `The entry ${name} has characters that no host, path or address can have.`)
  }
  if (at.kind === 'port' || at.certificate === undefined || digests[at.certificate] !== undefined) return
  throw new StepFailed('platform', `The certificate for ${name} is missing: it is brought with the next look.`)
}

function refuseClash(state: GatewayState, stack: string, settings: GatewaySettings): void {
  const clash = clashing(listenersOf(state, settings))
  if (clash === null) return
  const [own, other] = clash[0].stack === stack ? clash : [clash[1], clash[0]]
  throw new StepFailed(
    'platform',
    `The gateway cannot have both the ${own.what} of the stack ${own.stack} and the ${other.what} of the stack ${other.stack}, which need the same port of the host: change one of them.`,
  )
}
