import { setTimeout as sleep } from 'node:timers/promises'
import type Docker from 'dockerode'
import { StepFailed } from '../../../model/errors.ts'
import { LABEL } from '../../../model/labels.ts'
import { orNull, statusOf } from '../errors.ts'
import type { Context } from '../ownership.ts'
import type { PullContext } from '../pull.ts'
import { ensureImage } from './image.ts'

/** Where the volume of each is mounted, which bears the name of its container. */
export const STATE = '/var/lib/holdfast'

const GONE_WITHIN_MS = 10_000
const ANSWERS_WITHIN_MS = 10_000
const ASK_EVERY_MS = 50
const LOGS = { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } }

/** One of the two containers that all stacks of a target share. */
export interface Ours {
  name: string
  role: 'gateway' | 'names'
  image: string
  command: string[]
  hostConfig: Docker.HostConfig
}

/** `holdfast-<instance>-gateway`, `holdfast-<instance>-names`. */
export function nameOfOurs(instance: string, role: Ours['role']): string {
  return `holdfast-${instance}-${role}`
}

/** Labels of what belongs to no stack, but to all of them. */
export function sharedLabels(instance: string, role: Ours['role'], name: string): Record<string, string> {
  return { [LABEL.instance]: instance, [LABEL.name]: name, [LABEL.role]: role }
}

/**
 * Makes sure that the container runs: its image, its volume, itself. Two callers at once do not disturb each other. What
 * bears its name and is not ours is left alone: rejects with StepFailed.
 */
export async function runOurs(context: PullContext, ours: Ours): Promise<void> {
  const found = await inspectOurs(context, ours.name, ours.role)
  if (found !== null && isRunning(found)) return
  if (found?.Config.Image === ours.image && (await startsAgain(context, found.Id))) return
  // What it was created with may be gone by now, a network for one. All that it knows is in the volume.
  if (found !== null) await removeOurs(context, found.Id)
  await createOurs(context, ours)
  await startOurs(context, ours.name)
}

/** Its processes run: nobody froze them, and it does not end again and again, as one of an image that is not meant any more. */
export function isRunning({ State }: Docker.ContainerInspectInfo): boolean {
  return State.Running && !State.Paused && !State.Restarting
}

async function startsAgain(context: Context, id: string): Promise<boolean> {
  return await startOurs(context, id).then(
    () => true,
    () => false,
  )
}

/** Somebody may remove it just after it was seen to run: then it is started again instead of being waited for. */
export async function onceMoreIfGone(
  context: Context,
  { name, role }: Ours,
  start: () => Promise<void>,
): Promise<void> {
  await start().catch(async (error: unknown) => {
    if ((await inspectOurs(context, name, role)) !== null) throw error
    await start()
  })
}

/** Null when there is none; rejects when somebody else's bears its name. */
export async function inspectOurs(context: Context, name: string, role: Ours['role']) {
  const info = await orNull(context.quick.getContainer(name).inspect())
  if (info === null) return null
  assertShared(context, 'container', role, name, info.Config.Labels)
  return info
}

/** What `look` finds in one of ours that was started. Rejects with StepFailed when it does not answer for long, and at once when it is gone. */
export async function awaitOurs<T>(
  context: Context,
  { name, role }: Pick<Ours, 'name' | 'role'>,
  look: (context: Context) => Promise<T | null>,
): Promise<T> {
  const limit = performance.now() + ANSWERS_WITHIN_MS
  for (;;) {
    const seen = await look(context)
    if (seen !== null) return seen
    const isThere = (await inspectOurs(context, name, role)) !== null
    if (!isThere || performance.now() > limit) throw silent(name)
    await sleep(ASK_EVERY_MS)
  }
}

export function silent(name: string): StepFailed {
  return new StepFailed('platform', `The container ${name} does not answer. See what it says: docker logs ${name}`)
}

async function createOurs(context: PullContext, ours: Ours): Promise<void> {
  const labels = sharedLabels(context.instance, ours.role, ours.name)
  await ensureImage(context, ours.image)
  const volume = await orNull(context.quick.getVolume(ours.name).inspect())
  if (volume !== null) assertShared(context, 'volume', ours.role, ours.name, volume.Labels)
  else await context.quick.createVolume({ Name: ours.name, Labels: labels })
  await created(context, ours, labels)
}

async function created(context: Context, ours: Ours, labels: Record<string, string>): Promise<void> {
  const body: Docker.ContainerCreateOptions = {
    name: ours.name,
    Image: ours.image,
    Cmd: ours.command,
    Labels: labels,
    HostConfig: {
      RestartPolicy: { Name: 'always' },
      Mounts: [{ Type: 'volume', Source: ours.name, Target: STATE }],
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      LogConfig: LOGS,
      ...ours.hostConfig,
    },
  }
  try {
    await context.quick.createContainer(body)
  } catch (error) {
    // Somebody was faster: another caller, or somebody else.
    if (statusOf(error) !== 409) throw error
    await inspectOurs(context, ours.name, ours.role)
  }
}

async function startOurs(context: Context, name: string): Promise<void> {
  const container = context.quick.getContainer(name)
  const { State } = await container.inspect()
  if (State.Paused) return await container.unpause()
  try {
    await container.start()
  } catch (error) {
    if (statusOf(error) !== 304) throw error
  }
}

/** Somebody may be removing it at this very moment: then it is waited for, since its name is taken until it is gone. */
async function removeOurs(context: Context, id: string): Promise<void> {
  const container = context.quick.getContainer(id)
  const limit = performance.now() + GONE_WITHIN_MS
  try {
    await container.remove({ force: true })
  } catch (error) {
    if (![404, 409].includes(statusOf(error) ?? 0)) throw error
  }
  while (performance.now() < limit && (await orNull(container.inspect())) !== null) await sleep(ASK_EVERY_MS)
}

/** Rejects with StepFailed when the object behind a name of ours is somebody else's. */
export function assertShared(
  { instance }: Context,
  what: string,
  role: Ours['role'],
  name: string,
  labels: Record<string, string> | null | undefined,
): void {
  const wanted = Object.entries(sharedLabels(instance, role, name))
  if (wanted.every(([key, value]) => labels?.[key] === value)) return
  throw new StepFailed(
    'platform',
    `The ${what} ${name} is not Holdfast's and is left alone, but its ${role} needs that name: rename or remove it by hand.`,
  )
}
