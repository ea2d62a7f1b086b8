import type { ConsoleContainer } from '../engine/console.ts'
import { HoldfastError } from '../model/errors.ts'

/** `<service>`, or `<service>.<slot>`; a service's own name may hold dots. */
export function isMeant({ service, slot }: Pick<ConsoleContainer, 'service' | 'slot'>, wanted: string): boolean {
  return service === wanted || `${service}.${slot}` === wanted
}

/** Those of the services and slots that are named, or all of them. Throws a HoldfastError for a name without any. */
export function pick(containers: ConsoleContainer[], stack: string, wanted: readonly string[]): ConsoleContainer[] {
  const unknown = wanted.find((name) => !containers.some((container) => isMeant(container, name)))
  if (unknown !== undefined) {
    const known = [...new Set(containers.map(({ service }) => service))].join(', ')
    throw new HoldfastError('terminal', `${stack} has no container of ${unknown}. It has some of: ${known}.`)
  }
  if (wanted.length === 0) return containers
  return containers.filter((container) => wanted.some((name) => isMeant(container, name)))
}

/** What people mean without saying more: whatever is up, and of slots where nothing is, the newest. */
export function current(containers: ConsoleContainer[]): ConsoleContainer[] {
  return containers.filter((container) => {
    if (container.isUp) return true
    const beside = containers.filter(({ service, slot }) => service === container.service && slot === container.slot)
    return beside.at(-1) === container && !beside.some(({ isUp }) => isUp)
  })
}
