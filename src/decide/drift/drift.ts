import { type Field, type FieldValue, NONE } from '../../model/fields.ts'
import type { ObservedContainer, ObservedNetwork } from '../../model/observed.ts'
import type { Service } from '../../model/stack.ts'
import { attachmentsOf, attachmentText } from './attachments.ts'
import { canUpdate } from './limits.ts'
import { SETTINGS, type WantedValue, wantedFields } from './settings.ts'

/** One thing in which a container differs from its release. */
export interface Drift {
  /** As Compose calls it: `cpus`, `environment.API_KEY`, `networks.shop_default`. */
  field: string
  /** Null where the values may be secret. */
  values: { wanted: string; found: string } | null
  /** What puts it right. Only `replace` needs a new container. */
  cure: 'promote' | 'update' | 'attach' | 'detach' | 'replace'
}

/**
 * In what a container differs from what `service`, made from `image`, wants: setting by setting over an explicit list,
 * never by comparing all that the engine shows, for it fills in defaults, sorts and adds.
 */
export function driftOf(
  container: ObservedContainer,
  service: Service,
  image: string,
  networks: ObservedNetwork[],
): Drift[] {
  const restart = container.restart === service.restart ? [] : [restartDrift(container, service)]
  return [...settingsDrift(container, service, image), ...networksDrift(container, service, networks), ...restart]
}

/** What of that needs a new container. */
export function lastingDrift(container: ObservedContainer, service: Service, image: string): Drift[] {
  return lasting(settingsDrift(container, service, image))
}

function settingsDrift(container: ObservedContainer, service: Service, image: string): Drift[] {
  const known = compared.get(container) ?? []
  compared.set(container, known)
  const before = known.find((one) => one.service === service && one.image === image)
  if (before) return before.drift
  const drift = compareSettings(container, service, image)
  known.push({ service, image, drift })
  return drift
}

/** A pass asks for the same containers again and again. */
const compared = new WeakMap<ObservedContainer, { service: Service; image: string; drift: Drift[] }[]>()

function compareSettings(container: ObservedContainer, { container: spec }: Service, image: string): Drift[] {
  const wanted = wantedFields(spec, image, container.imageConfig)
  const fields = Object.keys(SETTINGS) as Field[]
  return fields.flatMap((field) => {
    const found = container.fields[field]
    return found === undefined ? [] : differences(field, wanted[field], found)
  })
}

function differences(field: Field, wanted: WantedValue, found: FieldValue): Drift[] {
  if (wanted === null || wanted === found) return []
  const { name, open } = SETTINGS[field]
  if (typeof wanted === 'string' || typeof found === 'string') {
    return [drift(field, name, typeof wanted === 'string' ? wanted : 'set', typeof found === 'string' ? found : 'set')]
  }
  const keys = new Set([...Object.keys(wanted), ...(open ? [] : Object.keys(found))])
  return [...keys]
    .sort()
    .filter((key) => (wanted[key] === null ? found[key] === undefined : wanted[key] !== found[key]))
    .map((key) => drift(field, `${name}.${key}`, wanted[key] ?? NONE, found[key] ?? NONE))
}

function drift(field: Field, name: string, wanted: string, found: string): Drift {
  const values = SETTINGS[field].shown ? { wanted, found } : null
  return { field: name, values, cure: canUpdate(field, wanted) ? 'update' : 'replace' }
}

function networksDrift(container: ObservedContainer, service: Service, there: ObservedNetwork[]): Drift[] {
  const wanted = attachmentsOf(container, service, there)
  if (wanted === null) return []
  const networks = [...new Set([...Object.keys(wanted), ...Object.keys(container.attached)])].sort()
  return networks.flatMap((network): Drift[] => {
    const values = { wanted: attachmentText(wanted[network]), found: attachmentText(container.attached[network]) }
    if (values.wanted === values.found) return []
    return [{ field: `networks.${network}`, values, cure: wanted[network] ? 'attach' : 'detach' }]
  })
}

function restartDrift(container: ObservedContainer, service: Service): Drift {
  return { field: 'restart', values: { wanted: service.restart, found: container.restart }, cure: 'promote' }
}

/** Those that need a new container. */
export function lasting(drift: Drift[]): Drift[] {
  return drift.filter(({ cure }) => cure === 'replace')
}
