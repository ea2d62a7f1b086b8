/** Labels carry identity; they are reverse-DNS style and cannot change after create. */
export const LABEL = {
  instance: 'dev.holdfast.instance',
  stack: 'dev.holdfast.stack',
  service: 'dev.holdfast.service',
  slot: 'dev.holdfast.slot',
  spec: 'dev.holdfast.spec',
  release: 'dev.holdfast.release',
  commit: 'dev.holdfast.commit',
  /** `service`, `job` or `files`. */
  role: 'dev.holdfast.role',
  /** The object's own name: a label copied to another object is recognised as foreign by it. */
  name: 'dev.holdfast.name',
  /** The name it may bear instead, for `container_name`. */
  alias: 'dev.holdfast.alias',
  /** By network: the address it keeps, as JSON. */
  addresses: 'dev.holdfast.addresses',
  /** The ports that the gateway publishes for it, as JSON. */
  ingress: 'dev.holdfast.ingress',
  /** How it finds others by name and is found, as JSON. */
  lookups: 'dev.holdfast.lookups',
} as const

/** The labels' common prefix; manifests may not use it. */
export const LABEL_PREFIX = 'dev.holdfast.'

/** `<stack>-<service>-<slot>-<hash8>-<n>` */
export function containerName(parts: {
  stack: string
  service: string
  slot: number
  hash8: string
  n: number
}): string {
  return `${parts.stack}-${parts.service}-${parts.slot}-${parts.hash8}-${parts.n}`
}

/** The service and slot of a container of the stack, `web.1`; of one that others named, its name. */
export function slotInName(stack: string, container: string): string {
  const [, service, slot] = /^(.+)-(\d+)-[0-9a-f]{8}-\d+$/.exec(withoutStack(stack, container)) ?? []
  return service === undefined ? container : `${service}.${slot}`
}

function withoutStack(stack: string, container: string): string {
  return container.startsWith(`${stack}-`) ? container.slice(stack.length + 1) : ''
}
