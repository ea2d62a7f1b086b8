import { type Release, short } from '../model/release.ts'
import type { Service } from '../model/stack.ts'
import type { Step } from '../model/steps.ts'
import { writesData } from './data.ts'
import type { Desired } from './desired.ts'

/** What people should know before the steps are taken, beyond what these say by themselves. */
export function planNotes({ latest, stable }: Desired, steps: Step[]): string[] {
  const created = steps.flatMap((step) => (step.kind === 'create' ? [step.args] : []))
  const services = latest ? created.flatMap(({ service }) => latest.stack.services[service] ?? []) : []
  const goesBack = latest && stable && stable.digest !== latest.digest && latest.stack.rollback === 'release'
  const images = new Set(created.map(({ image }) => image))
  return [
    ...downtimeNotes(steps),
    ...new Set(services.flatMap(hookNote)),
    ...(goesBack ? dataNotes(services, stable) : []),
    ...(latest ? localImageNotes(latest, images) : []),
  ]
}

function downtimeNotes(steps: Step[]): string[] {
  return [...new Set(steps.map(({ because }) => because).filter((because) => because.startsWith('brief downtime: ')))]
}

function hookNote({ name, hook }: Service): string[] {
  if (!hook) return []
  return [
    hook === 'pre-deploy'
      ? `${name} runs before any service changes (pre-deploy hook)`
      : `${name} runs once all services are ready; it must end well too (post-deploy hook)`,
  ]
}

function dataNotes(services: Service[], stable: Release): string[] {
  const changes = services.flatMap((service) => {
    if (service.kind === 'job') return [`${service.name} runs${service.hook === 'pre-deploy' ? ' first' : ''}`]
    return writesData(service, stable) ? [`${service.name} starts on its new version`] : []
  })
  return changes.length === 0 ? [] : [`if it fails, data do not go back: ${[...new Set(changes)].join(', ')}`]
}

function localImageNotes({ pins }: Release, images: Set<string>): string[] {
  return Object.entries(pins)
    .sort()
    .flatMap(([image, pin]) =>
      'reference' in pin && pin.local && images.has(pin.reference)
        ? [`image ${image} exists only on this engine; it is pinned by its id ${idWords(pin.reference)}`]
        : [],
    )
}

function idWords(reference: string): string {
  return reference.startsWith('sha256:') ? `sha256:${short(reference)}` : reference
}
