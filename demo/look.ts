import type Docker from 'dockerode'
import { LABEL } from '../src/model/labels.ts'
import type { Tags } from './images.ts'

/** One container as the engine itself shows it. */
export interface Replica {
  id: string
  stack: string
  service: string
  slot: number
  /** The tag of the image it was made from; its id when that is none of the demo's. */
  image: string
  health: 'healthy' | 'starting' | 'unhealthy' | 'running' | 'stopped'
}

/** Every service container of the instance, asked of the engine and not of Holdfast; sorted by place, then age. */
export async function look(docker: Docker, instance: string, tags: Tags): Promise<Replica[]> {
  const label = [`${LABEL.instance}=${instance}`, `${LABEL.role}=service`]
  const found = await docker.listContainers({ all: true, filters: { label } })
  return found
    .sort((a, b) => a.Created - b.Created)
    .map((info) => fromList(info, tags))
    .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : placeOf(a) > placeOf(b) ? 1 : 0))
}

/** `shop/web.1` */
export function placeOf({ stack, service, slot }: Replica): string {
  return `${stack}/${service}.${slot}`
}

function fromList({ Id, Labels, ImageID, State, Status }: Docker.ContainerInfo, tags: Tags): Replica {
  return {
    id: Id,
    stack: Labels[LABEL.stack] ?? '',
    service: Labels[LABEL.service] ?? '',
    slot: Number(Labels[LABEL.slot] ?? 0),
    image: tags.get(ImageID) ?? ImageID,
    health: State === 'running' ? healthOf(Status) : 'stopped',
  }
}

/** The list has no field for health, only words: `Up 3 seconds (health: starting)`. */
function healthOf(status: string): Replica['health'] {
  if (status.includes('(healthy)')) return 'healthy'
  if (status.includes('(unhealthy)')) return 'unhealthy'
  return status.includes('(health: starting)') ? 'starting' : 'running'
}
