import { StepFailed } from '../../model/errors.ts'
import { LABEL, LABEL_PREFIX } from '../../model/labels.ts'
import type { Client } from './client.ts'
import type { Traffic } from './traffic/traffic.ts'

/** What every call needs: the connection, and whose objects are ours. */
export interface Context extends Client {
  instance: string
  /** The engine runs on this machine, so that its host's routes can be read. */
  isHere: boolean
  /** The gateway and the names of this target; null where it is to have none. */
  traffic: Traffic | null
}

/** Networks that are attached after create, as JSON; `start` makes sure of them (a crash may come in between). */
export const LATER_NETWORKS = `${LABEL_PREFIX}later-networks`

type Labels = Record<string, string> | null | undefined

/** The labels that say whose an object is; its own name among them, so that copied labels are recognised. */
export function ownLabels(instance: string, stack: string, name: string): Record<string, string> {
  return { [LABEL.instance]: instance, [LABEL.stack]: stack, [LABEL.name]: name }
}

export function isOurs(instance: string, stack: string, name: string, labels: Labels): boolean {
  return Object.entries(ownLabels(instance, stack, name)).every(([key, value]) => labels?.[key] === value)
}

/** Of the gateway or the names, which all stacks of a target share: it has no stack. */
export function isShared(labels: Labels): boolean {
  return labels?.[LABEL.role] === 'gateway' || labels?.[LABEL.role] === 'names'
}

/** As `isOurs`, for a container, which may bear the name of its `container_name` instead of its own. */
export function isOurContainer(instance: string, stack: string, actualName: string, labels: Labels): boolean {
  const own = labels?.[LABEL.name] ?? ''
  if (actualName !== own && actualName !== labels?.[LABEL.alias]) return false
  return isOurs(instance, stack, own, labels)
}

/** Foreign things are never touched: rejects when the object behind a name is somebody else's. */
export function assertOurs(context: Context, stack: string, what: string, name: string, labels: Labels): void {
  if (isOurs(context.instance, stack, name, labels)) return
  throw new StepFailed(
    'platform',
    `The ${what} ${name} is not Holdfast's for the stack ${stack} and is left alone: rename or remove it by hand.`,
  )
}
