import type { ContainerSpec, Device, HealthCheck, Mount } from './stack.ts'

/**
 * Every setting in which a container is compared with its release, by the key of the spec it comes from. Networks are
 * compared apart: they can be joined and left; which variables hold secrets is nothing that a container shows. A key that is added to the spec does not compile until both sides of the
 * comparison know it: `decide/drift/settings.ts` and `engine/docker/fields.ts`.
 */
export type Field = 'image' | Exclude<keyof ContainerSpec, 'networks' | 'secretEnvironment'>

/** As canonical text, in the notation of Compose; by name where a setting holds several. */
export type FieldValue = string | Record<string, string>

/** What a container shows. What its engine cannot show, or cannot carry out, is left out and not compared. */
export type Fields = { [Name in Field]?: FieldValue }

/** What an image brings for a container that does not say otherwise. */
export interface ImageConfig {
  environment: Record<string, string>
  entrypoint: string[]
  command: string[]
  labels: Record<string, string>
  /** Numbers that it leaves to the engine are 0. */
  healthcheck: HealthCheck | null
  user: string
  workingDir: string
  stopSignal: string
}

/** An image that brings nothing, or of which nothing is known. */
export const EMPTY_IMAGE: ImageConfig = {
  environment: {},
  entrypoint: [],
  command: [],
  labels: {},
  healthcheck: null,
  user: '',
  workingDir: '',
  stopSignal: '',
}

export const NONE = 'none'
const UNITS: [string, number][] = [
  ['g', 2 ** 30],
  ['m', 2 ** 20],
  ['k', 2 ** 10],
]

/** `64m`; the largest unit that says it exactly. Nothing means no limit, and -1 that there shall be none. */
export function bytesText(bytes: number | null | undefined): string {
  if (!bytes) return NONE
  if (bytes < 0) return 'unlimited'
  const [unit, size] = UNITS.find(([, factor]) => bytes % factor === 0) ?? ['b', 1]
  return `${bytes / size}${unit}`
}

/** A limit that counts from one; anything below is none. */
export function countText(count: number | null | undefined): string {
  return count && count > 0 ? String(count) : NONE
}

/** The engine counts in billionths of a core. */
export function cpusText(cpus: number | null | undefined): string {
  return countText(Math.round((cpus ?? 0) * 1e9) / 1e9)
}

export function textOf(value: string | number | boolean | null | undefined): string {
  return value === null || value === undefined || value === '' ? NONE : String(value)
}

export function listText(values: string[] | null | undefined): string {
  return textOf((values ?? []).join(', '))
}

export function wordsText(words: string[]): string {
  return words.length === 0 ? NONE : JSON.stringify(words)
}

/** Newer engines put the prefix in front of what they were given. */
export function capabilitiesText(names: string[] | null | undefined): string {
  const plain = (names ?? []).map((name) => name.toUpperCase().replace(/^CAP_/, ''))
  return listText([...new Set(plain)].sort())
}

export function deviceText({ source, permissions }: Device): string {
  return `${source}, ${permissions}`
}

/** The engine cleans the path, and takes the root where there is none. */
export function folderText(path: string): string {
  return path.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '') || '/'
}

export function checkValue(check: HealthCheck | null): FieldValue {
  if (check === null) return NONE
  return {
    test: JSON.stringify(check.test),
    interval: `${check.intervalMs || 30_000}ms`,
    timeout: `${check.timeoutMs || 30_000}ms`,
    retries: String(check.retries || 3),
    start_period: `${check.startPeriodMs}ms`,
  }
}

/** What is mounted, without where. One file of a volume can only be bound by the volume's place on the engine's host. */
export function mountText(mount: Mount): string {
  if (mount.kind === 'tmpfs') return mount.sizeBytes ? `tmpfs of ${bytesText(mount.sizeBytes)}` : 'tmpfs'
  if (mount.kind === 'files') return `files ${mount.volume}${mount.path === '' ? '' : `/${mount.path}`}`
  if (mount.kind === 'volume') return `volume ${mount.volume}${mount.readOnly ? ', read-only' : ''}`
  const [, volume = '', path = ''] = /\/volumes\/([^/]+)\/_data\/(.+)$/.exec(mount.source) ?? []
  if (volume !== '' && mount.readOnly) return `files ${volume}/${path}`
  return `bind ${mount.source}${mount.readOnly ? ', read-only' : ''}`
}
