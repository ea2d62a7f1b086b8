import type Docker from 'dockerode'
import { HoldfastError } from '../../../model/errors.ts'
import { LABEL } from '../../../model/labels.ts'
import type { Console, ConsoleContainer, LogLine, LogOptions } from '../../console.ts'
import { openConnection } from '../client.ts'
import { openContinuity } from '../continuity.ts'
import type { DockerOptions } from '../docker.ts'
import { orNull } from '../errors.ts'
import { follow } from '../events.ts'
import { explainer } from '../explain.ts'
import { nameOf } from '../observe.ts'
import { type Context, isOurContainer } from '../ownership.ts'
import { beginExec } from './exec.ts'
import { readLog } from './logs.ts'

const UP = new Set(['running', 'restarting', 'paused'])

/** The console of a Docker engine. Connects on first use. */
export function dockerConsole({ instance, endpoint, socketPath }: DockerOptions): Console {
  const at = endpoint ?? { kind: 'unix' as const, path: socketPath ?? '/var/run/docker.sock' }
  const connection = openConnection(at)
  const explain = explainer(at, connection)
  const context = async () => ({ ...(await connection.client()), instance, traffic: null, isHere: at.kind === 'unix' })

  async function* logs(container: ConsoleContainer, options: LogOptions): AsyncGenerator<LogLine> {
    try {
      const known = await context()
      const { Config } = await inspectOurs(known, container)
      yield* readLog(known, container.id, Config.Tty, options)
    } catch (error) {
      if (!options.signal.aborted) throw explain(`Cannot read the log of ${container.name}`, error)
    }
  }

  return {
    logs,
    async containers(stack) {
      try {
        return await ofStack(await context(), stack)
      } catch (error) {
        throw explain(`Cannot look at the stack ${stack}`, error)
      }
    },
    async exec(container, options) {
      try {
        const known = await context()
        await inspectOurs(known, container)
        return await beginExec(known, container.id, options)
      } catch (error) {
        throw explain(`Cannot run a command in ${container.name}`, error)
      }
    },
    watch(stack, onStarted, signal) {
      const onEvent = (event: { stack: string; action: string }) => {
        if (event.stack === stack && event.action === 'start') onStarted()
      }
      void follow(connection.client, instance, openContinuity(), { onEvent, onGap: onStarted }, signal)
    },
  }
}

async function ofStack({ quick, instance }: Context, stack: string): Promise<ConsoleContainer[]> {
  const label = [`${LABEL.instance}=${instance}`, `${LABEL.stack}=${stack}`]
  const listed = await quick.listContainers({ all: true, filters: { label } })
  return listed
    .filter(({ Names, Labels }) => isOurContainer(instance, stack, nameOf(Names), Labels))
    .flatMap((info) => fromListing(info) ?? [])
    .sort(inOrder)
}

/** Null for one that only carries files into a volume. */
function fromListing({ Id, Labels, State, Created }: Docker.ContainerInfo): ConsoleContainer | null {
  const role = Labels[LABEL.role]
  if (role !== 'service' && role !== 'job') return null
  return {
    id: Id,
    name: Labels[LABEL.name] ?? Id,
    service: Labels[LABEL.service] ?? '',
    slot: Number(Labels[LABEL.slot] ?? 0),
    role,
    isUp: UP.has(State),
    createdAt: Created,
  }
}

function inOrder(a: ConsoleContainer, b: ConsoleContainer): number {
  if (a.service !== b.service) return a.service < b.service ? -1 : 1
  return a.slot - b.slot || a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1)
}

/** Looked at again, for an id is all that is asked with: nothing is read from a container of others, or done in it. */
async function inspectOurs({ quick, instance }: Context, { id, name }: ConsoleContainer) {
  const info = await orNull(quick.getContainer(id).inspect())
  const labels = info?.Config.Labels ?? {}
  if (info !== null && isOurContainer(instance, labels[LABEL.stack] ?? '', info.Name.slice(1), labels)) return info
  throw new HoldfastError('retry', `The container ${name} is gone. See what runs now: holdfast status`)
}
