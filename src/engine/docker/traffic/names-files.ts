import { StepFailed } from '../../../model/errors.ts'
import { type NamesFiles, readNames, renderNames, type ShownFiles } from '../../../traffic/names.ts'
import { statusOf } from '../errors.ts'
import type { Context } from '../ownership.ts'
import { awaitOurs, inspectOurs, isRunning, nameOfOurs, STATE, silent } from './container.ts'
import { execIn, upload } from './exec.ts'
import { ShellLost } from './shell.ts'

/** What the names show of themselves, while they run. */
export interface SeenNames {
  files: ShownFiles
  /** By network: the address they have in it. */
  addresses: Record<string, string>
}

export function namesOf({ instance }: Pick<Context, 'instance'>): string {
  return nameOfOurs(instance, 'names')
}

/** Null while they do not run. */
export async function lookAtNames(context: Context): Promise<SeenNames | null> {
  const info = await inspectOurs(context, namesOf(context), 'names')
  if (info === null || !isRunning(info)) return null
  const networks = Object.entries(info.NetworkSettings.Networks)
  const addresses = Object.fromEntries(networks.map(([network, { IPAddress }]) => [network, IPAddress]))
  const shown = await showFiles(context)
  return shown === null ? null : { files: readNames(shown), addresses }
}

/** Rejects with StepFailed when they do not answer. */
export async function awaitNames(context: Context): Promise<SeenNames> {
  return await awaitOurs(context, { name: namesOf(context), role: 'names' }, lookAtNames)
}

/** Their files. Rejects with StepFailed while they do not run. */
export async function filesOfNames(context: Context): Promise<ShownFiles> {
  const shown = await showFiles(context)
  if (shown === null) throw silent(namesOf(context))
  return readNames(shown)
}

/** Has what differs taken over: uploaded beside, then renamed, for what is written in place is read half-written. */
export async function applyFiles(context: Context, before: ShownFiles, after: NamesFiles): Promise<void> {
  const changed = Object.entries(after).flatMap(([address, file]) => {
    const known = before[address]
    const content = renderNames(file)
    return known?.isIntact && renderNames(known) === content ? [] : [[address, content] as const]
  })
  const gone = Object.keys(before).filter((address) => after[address] === undefined)
  if (changed.length + gone.length === 0) return
  const files = changed.map(([address, content]) => [`new/${address}`, { content, mode: 0o644 }] as const)
  if (files.length > 0) await upload(context, namesOf(context), STATE, Object.fromEntries(files))
  const words = [...changed.map(([address]) => address), ...gone.map((address) => `-${address}`)]
  const { code, output } = await execIn(context, namesOf(context), ['names-apply', ...words])
  if (code === 0) return
  const name = namesOf(context)
  throw new StepFailed('platform', `The names in ${name} cannot be changed: ${output.trim()}. See: docker logs ${name}`)
}

/** Null when they do not run, or not for long enough. */
async function showFiles(context: Context): Promise<string | null> {
  try {
    return await readFiles(context)
  } catch (error) {
    if (!(error instanceof ShellLost) && statusOf(error) === null) throw error
    return null
  }
}

/** Every line of every file, with its address before it. */
async function readFiles(context: Context): Promise<string> {
  const { output } = await execIn(context, namesOf(context), [
    'sh',
    '-c',
    `cd ${STATE}/hosts 2>/dev/null && grep -s '' /dev/null *`,
  ])
  return output.replaceAll(/^([^:\n]*):/gm, '$1 ')
}
