import { createHash } from 'node:crypto'
import { StepFailed } from '../../../model/errors.ts'
import { isSettled, serverCommands } from '../../../traffic/changes.ts'
import { type Configuration, configurationOf } from '../../../traffic/configuration.ts'
import { intactState } from '../../../traffic/intact.ts'
import { listenersOf, type OwnListener, takenOnHost } from '../../../traffic/listeners.ts'
import { serversOf } from '../../../traffic/servers.ts'
import type { GatewaySettings } from '../../../traffic/settings.ts'
import { readShown, type ShownGateway } from '../../../traffic/shown.ts'
import type { GatewayState } from '../../../traffic/state.ts'
import type { ArchivedFile } from '../archive.ts'
import { statusOf } from '../errors.ts'
import type { Context } from '../ownership.ts'
import { awaitOurs, inspectOurs, isRunning, nameOfOurs, STATE } from './container.ts'
import { execIn, upload } from './exec.ts'
import { ShellLost } from './shell.ts'

/** What the gateway is to have: its state, and certificates that come with the change, by name. */
export interface WantedGateway {
  state: GatewayState
  certificates: Record<string, Buffer>
}

/** The same as it is now. */
export interface SeenGateway extends WantedGateway {
  shown: ShownGateway
}

type Ending = 'done' | 'refused' | 'not-loaded'

/** HAProxy reads no more than 16 kB at once. */
const A_LINE = 20
const ENDINGS: Record<number, Ending> = { 0: 'done', 2: 'refused', 3: 'not-loaded' }

export function gatewayOf({ instance }: Pick<Context, 'instance'>): string {
  return nameOfOurs(instance, 'gateway')
}

/** Null while it does not run or does not answer. */
export async function lookAtGateway(context: Context): Promise<SeenGateway | null> {
  const info = await inspectOurs(context, gatewayOf(context), 'gateway')
  if (info === null || !isRunning(info)) return null
  const shown = await show(context)
  return shown === null ? null : { state: intactState(shown.state, shown.certificates), certificates: {}, shown }
}

/** Rejects with StepFailed when it does not answer. */
export async function awaitGateway(context: Context): Promise<SeenGateway> {
  return await awaitOurs(context, { name: gatewayOf(context), role: 'gateway' }, lookAtGateway)
}

/** What runs, and what a restart would bring back, is exactly what the state asks for. */
export function isAsWanted(shown: ShownGateway, state: GatewayState, settings: GatewaySettings): boolean {
  const { text, structure, lists } = configurationOf(state, settings)
  const hasLists = Object.entries(lists).every(([name, content]) => shown.certificates[name] === digestOf(content))
  const isLoaded = shown.structure === structure && isSettled(serversOf(state), shown.servers)
  return isLoaded && hasLists && shown.digest === digestOf(text)
}

/** Brings the gateway from what it has to what is wanted. Rejects with StepFailed, and then all is as it was. */
export async function applyGateway(
  context: Context,
  { shown, state: before }: SeenGateway,
  { state, certificates }: WantedGateway,
  settings: GatewaySettings,
): Promise<void> {
  const files = Object.entries(certificates).map(([name, content]) => [`certificates/${name}.pem`, secret(content)])
  if (files.length === 0 && isAsWanted(shown, state, settings)) return
  const wanted = configurationOf(state, settings)
  const commands = serverCommands(serversOf(state), shown.servers)
  await upload(context, gatewayOf(context), STATE, {
    ...Object.fromEntries(files),
    ...Object.fromEntries(Object.entries(wanted.lists).map(([name, list]) => [`certificates/${name}`, secret(list)])),
    'next/haproxy.cfg': secret(wanted.text),
    'next/commands': secret(together(commands)),
  })
  if (shown.structure === wanted.structure && (await changeServers(context, state))) return
  const running = listenersOf(before, settings).filter(({ port }) => !shown.leftOut.includes(port))
  await reload(context, wanted, { running, state, settings })
}

/** False when the running process did not take the change over: a reload does. */
async function changeServers(context: Context, state: GatewayState): Promise<boolean> {
  const { printed } = await run(context, ['gateway-apply', 'servers'])
  const shown = readShown(printed)
  return shown !== null && isSettled(serversOf(state), shown.servers)
}

async function reload(
  context: Context,
  wanted: Configuration,
  { running, state, settings }: { running: OwnListener[]; state: GatewayState; settings: GatewaySettings },
): Promise<void> {
  const findTaken = async () => {
    const listening = (await show(context, 'listening'))?.listening ?? []
    return takenOnHost(listenersOf(state, settings), running, listening)
  }
  refuseTaken(await findTaken())
  await upload(context, gatewayOf(context), STATE, { 'next/haproxy.cfg': secret(wanted.text) })
  const { ending, printed } = await run(context, ['gateway-apply', 'reload', wanted.structure])
  if (ending === 'done') {
    const shown = readShown(printed)
    if (shown !== null && shown.structure === wanted.structure && isSettled(serversOf(state), shown.servers)) return
  } else refuseTaken(await findTaken())
  const name = gatewayOf(context)
  throw new StepFailed(
    'platform',
    `The gateway (${name}) could not take over its new ports and routes, and goes on with those it had. An address of a port may not be one of the host. See what it says: docker logs ${name}`,
  )
}

function refuseTaken(taken: ReturnType<typeof takenOnHost>): void {
  const [first] = taken
  if (first === undefined) return
  const port = first.address === '' ? `port ${first.port}` : `port ${first.port} of ${first.address}`
  const where = first.what.startsWith('route') ? `${port} for the ${first.what} of the stack ${first.stack}` : port
  throw new StepFailed(
    'platform',
    `The gateway cannot listen on ${where}: a program on the host has it already. Find it with ` +
      `\`ss -ltnp 'sport = :${first.port}'\` and stop it, or take another port.`,
  )
}

async function show(context: Context, ...words: string[]): Promise<ShownGateway | null> {
  try {
    const { code, output } = await execIn(context, gatewayOf(context), ['gateway-show', ...words])
    return code === 0 ? readShown(output) : null
  } catch (error) {
    // It has just stopped, or is being restarted.
    if (error instanceof ShellLost || [404, 409, 500].includes(statusOf(error) ?? 0)) return null
    throw error
  }
}

async function run(context: Context, command: string[]): Promise<{ ending: Ending; printed: string }> {
  const { code, output } = await execIn(context, gatewayOf(context), command)
  const ending = ENDINGS[code]
  if (ending === 'done' || ending === 'not-loaded') return { ending, printed: output }
  const words = output.trim().split('\n').slice(-5).join('; ')
  throw new StepFailed(
    'platform',
    `The gateway refused what it was to run with, and goes on with what it had: ${words || `exit code ${code}`}`,
  )
}

/** In lines of some commands each: for each line a process is begun. */
function together(commands: string[]): string {
  const lines = Array.from({ length: Math.ceil(commands.length / A_LINE) }, (_, index) =>
    commands.slice(index * A_LINE, (index + 1) * A_LINE),
  )
  return lines.map((some) => `${some.map((command) => `@1 ${command}`).join('; ')}\n`).join('')
}

/** As the gateway's own `sha256sum` says it. */
export function digestOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function secret(content: string | Buffer): ArchivedFile {
  return { content, mode: 0o600 }
}
