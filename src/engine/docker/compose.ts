import type Docker from 'dockerode'
import { StepFailed } from '../../model/errors.ts'
import { LABEL } from '../../model/labels.ts'
import type { ObservedContainer } from '../../model/observed.ts'
import { orNull } from './errors.ts'
import { fromInspect } from './inspect.ts'
import type { Context } from './ownership.ts'

const PROJECT = 'com.docker.compose.project'
const SERVICE = 'com.docker.compose.service'
const NUMBER = 'com.docker.compose.container-number'
const ONE_OFF = 'com.docker.compose.oneoff'

type Labels = Record<string, string> | null | undefined

/** Docker Compose made it for the project of that name. `docker compose run` makes containers that are no replicas. */
export function isOfProject(project: string, labels: Labels): boolean {
  if (labels?.[LABEL.instance] !== undefined || labels?.[ONE_OFF] === 'True') return false
  return labels?.[PROJECT] === project && labels[SERVICE] !== undefined
}

/** What an inspected container of Docker Compose is, in the model's words. */
export function fromCompose(...[info, networks, compared]: Parameters<typeof fromInspect>): ObservedContainer {
  const { Labels: labels } = info.Config
  const seen = fromInspect(info, networks, compared)
  const service = labels[SERVICE] ?? ''
  const slot = Number(labels[NUMBER] ?? 1) || 1
  return { ...seen, adopted: true, name: ownName(seen.actualName, labels, slot), service, slot }
}

/** Its name, or, where the manifest gave it another with `container_name`, the one it would have had. */
function ownName(actualName: string, labels: Record<string, string>, slot: number): string {
  const parts = [labels[PROJECT], labels[SERVICE], slot]
  return actualName === parts.join('-') ? actualName : parts.join('_')
}

/** Null when it is gone; rejects when the container behind the id is not Compose's for the stack. */
export async function inspectAdopted(
  context: Context,
  stack: string,
  name: string,
  id: string,
): Promise<Docker.ContainerInspectInfo | null> {
  const info = await orNull(context.quick.getContainer(id).inspect())
  if (info === null || (info.Id === id && isOfProject(stack, info.Config.Labels))) return info
  const text = `The container ${name} is not of the Compose project ${stack} and is left alone.`
  throw new StepFailed('platform', text)
}
