import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { LABEL } from '../../model/labels.ts'
import type { Engine, EngineEvent } from '../engine.ts'
import type { Client } from './client.ts'
import type { Continuity } from './continuity.ts'
import { isShared } from './ownership.ts'

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

/** Each health check is an exec with three events of its own; only these are asked for. */
const ACTIONS = [
  'create',
  'start',
  'die',
  'kill',
  'oom',
  'restart',
  'pause',
  'unpause',
  'stop',
  'destroy',
  'rename',
  'update',
  'health_status',
  'connect',
  'disconnect',
]
/** A network that goes says so once; a volume that a container brought along goes with that. */
const OF_RESOURCES: Record<string, string[]> = { network: ['connect', 'disconnect', 'destroy'], volume: ['destroy'] }
const INTERRUPTS = new Set(['die', 'kill', 'oom', 'restart', 'pause', 'stop', 'destroy', 'health_status: unhealthy'])
/** Of the gateway and the names; not `kill`, after which they still seem to run for a moment. */
const CONCERNS_ALL = new Set(['start', 'die', 'destroy', 'pause', 'unpause'])

type Listener = Parameters<Engine['watch']>[0]

/** Follows the engine's events until `signal` aborts; a stream that drops is taken up where it ended. */
export async function follow(
  connect: () => Promise<Client>,
  instance: string,
  continuity: Continuity,
  listener: Listener,
  signal: AbortSignal,
): Promise<void> {
  const position = new Position()
  let pause = FIRST_PAUSE_MS
  for (let connection = 1; !signal.aborted; connection++) {
    try {
      const client = await connect()
      const lines = await openStream(client, position.since, signal)
      continuity.opened()
      if (connection > 1) listener.onGap()
      pause = FIRST_PAUSE_MS
      for await (const line of lines) tell(line, position, { client, instance, listener, signal })
    } catch {
      // Whatever ended the stream, the answer is the same: try again, and have everything looked at.
    }
    continuity.brokeOff()
    await sleep(pause, undefined, { signal }).catch(() => {})
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
  }
}

/** Networks and volumes tell no labels, so that the engine cannot sort out what is ours. */
async function openStream(client: Client, since: number | null, signal: AbortSignal) {
  const input = await client.patient.getEvents({
    filters: { type: ['container', 'network', 'volume'], event: ACTIONS },
    abortSignal: signal,
    ...(since === null ? {} : { since }),
  })
  // readline does not pass on an error of its input.
  const lines = createInterface({ input })
  input.on('error', () => lines.close())
  return lines
}

interface Hearing {
  client: Client
  instance: string
  listener: Listener
  signal: AbortSignal
}

function tell(line: string, position: Position, hearing: Hearing): void {
  const raw: RawEvent = JSON.parse(line)
  if (!position.isNew(raw)) return
  if (raw.Type === 'container') tellOfContainer(raw, hearing)
  else if (OF_RESOURCES[raw.Type]?.includes(raw.Action)) tellOfResource(raw, hearing)
}

function tellOfContainer(raw: RawEvent, { instance, listener }: Hearing): void {
  const event = eventOf(raw)
  if (event !== null && raw.Actor.Attributes[LABEL.instance] === instance) listener.onEvent(event)
}

/** Who joined or left a network is told by its id alone; one that is gone told so itself. */
function tellOfResource(raw: RawEvent, hearing: Hearing): void {
  const { container: id, name: resource = raw.Actor.ID } = raw.Actor.Attributes
  const { client, listener, signal } = hearing
  if (id === undefined) {
    listener.onEvent({ stack: '', container: '', resource, action: raw.Action, interrupts: false, byHand: false })
    return
  }
  void inspect(client, id).then((info) => {
    if (info === null || signal.aborted) return
    const Attributes = { ...info.Config.Labels, name: info.Name.slice(1) }
    const onEvent = (event: EngineEvent) => listener.onEvent({ ...event, resource })
    tellOfContainer({ ...raw, Actor: { ID: id, Attributes } }, { ...hearing, listener: { ...listener, onEvent } })
  })
}

/** Null for a container that only carries copied labels. Told by its own name, also while it bears another one. */
function eventOf(raw: RawEvent): EngineEvent | null {
  const { name = '', ...labels } = raw.Actor.Attributes
  const own = labels[LABEL.name]
  if (own === undefined || (name !== own && name !== labels[LABEL.alias])) return null
  if (isShared(labels)) return sharedEvent(own, raw.Action)
  return {
    stack: labels[LABEL.stack] ?? '',
    container: own,
    action: raw.Action,
    interrupts: INTERRUPTS.has(raw.Action),
    byHand: raw.Action === 'kill',
  }
}

/** The gateway and the names are of no stack: what happens to them concerns all of them, or none. */
function sharedEvent(container: string, action: string): EngineEvent {
  const said = { stack: '', container, action, interrupts: false, byHand: false }
  return CONCERNS_ALL.has(action) ? { ...said, ofAll: true } : said
}

async function inspect(client: Client, id: string) {
  return await client.quick
    .getContainer(id)
    .inspect()
    .catch(() => null)
}

interface RawEvent {
  Type: string
  Action: string
  Actor: { ID: string; Attributes: Record<string, string> }
  /** Seconds. */
  time: number
  timeNano: number
}

/** How far the stream was heard. It can be taken up at whole seconds only, so those of the last one are remembered. */
class Position {
  since: number | null = null
  #heard = new Set<string>()

  isNew(event: RawEvent): boolean {
    const key = `${event.timeNano} ${event.Actor.ID} ${event.Action} ${event.Actor.Attributes['container'] ?? ''}`
    if (this.#heard.has(key)) return false
    if (event.time !== this.since) this.#heard.clear()
    this.since = event.time
    this.#heard.add(key)
    return true
  }
}
