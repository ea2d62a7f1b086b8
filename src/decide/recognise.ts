import { specHash } from '../model/hash.ts'
import { differsByKey } from '../model/keyless.ts'
import type { ObservedContainer } from '../model/observed.ts'
import type { KnownRelease, StackRecord } from '../model/record.ts'
import type { Release } from '../model/release.ts'
import type { Scene } from './desired.ts'
import { imageOf } from './match.ts'

/**
 * Names of secrets depend on the key file. Where that was lost, what runs and what is remembered bears names that
 * nobody can make again: what git asked for last is then taken for what it asks for now, as far as nothing but those
 * names tells them apart. From then on a secret that changes is noticed again.
 */
export function recognise(scene: Scene): Scene {
  const { latest } = scene.desired
  const renamed = latest?.keyed ? renameReleases(renameSpecs(scene, latest), latest) : scene.record
  const record = noteReleases({ ...scene, record: renamed })
  const known = (name: string) => record.renamed?.[name] ?? name
  const containers = scene.observed.containers.map((c) => ({ ...c, spec: known(c.spec), release: known(c.release) }))
  const stable = latest !== null && record.stable === latest.digest ? latest : scene.desired.stable
  return { desired: { ...scene.desired, stable }, observed: { ...scene.observed, containers }, record }
}

function renameSpecs({ observed, record }: Scene, latest: Release): StackRecord {
  const before = record.renamed ?? {}
  const live = observed.containers.map((c) => [c.service, before[c.spec] ?? c.spec] as const)
  const isFirst = Object.values(record.keyed ?? {}).at(-1)?.key !== latest.keyed?.key
  const candidates = isFirst ? [...live, ...Object.entries(record.jobsDone)] : []
  const found = candidates.flatMap(([service, spec]) => {
    const wanted = specOf(latest, service)
    return wanted !== null && isTheSame(record, service, spec, wanted) ? [[spec, wanted] as const] : []
  })
  const names = Object.fromEntries(found)
  const jobsDone = Object.entries(record.jobsDone).map(([service, spec]) => [service, names[spec] ?? spec])
  const renamed = stillBorne({ ...before, ...names }, names, observed.containers)
  return withNames({ ...record, jobsDone: Object.fromEntries(jobsDone) }, renamed)
}

/**
 * Only at the first look with a new key: a secret that changes after that must not be taken for what it was. What was
 * asked for last, or else the stable release, says what the service was called; where even that was lost, with the
 * database, whatever runs is taken for it.
 */
function isTheSame(record: StackRecord, service: string, spec: string, wanted: string): boolean {
  const known = Object.values(record.keyed ?? {})
  const [asked, stable] = [known.at(-1), record.keyed?.[record.stable ?? '']]
  if (asked === undefined) return differsByKey(spec, wanted)
  const called = [asked, stable].map((release) => release?.specs[service] ?? '')
  return called.find((one) => one === wanted || differsByKey(one, wanted)) === spec && spec !== wanted
}

/** The record names a release by its digest alone, wherever it does. */
function renameReleases(record: StackRecord, latest: Release): StackRecord {
  const same = Object.entries(record.keyed ?? {})
    .filter(([, known]) => known.keyless === latest.keyed?.keyless && known.key !== latest.keyed.key)
    .map(([digest]) => digest)
    .at(-1)
  if (same === undefined) return record
  const { [same]: _before, ...keyed } = record.keyed ?? {}
  const text = JSON.stringify({ ...record, keyed }).replaceAll(same, latest.digest)
  return withNames(JSON.parse(text), { ...record.renamed, [same]: latest.digest })
}

/** Only what containers still bear, by its newest name. */
function stillBorne(
  names: Record<string, string>,
  newest: Record<string, string>,
  containers: ObservedContainer[],
): Record<string, string> {
  const borne = new Set(containers.flatMap((c) => [c.spec, c.release]))
  const entries = Object.entries(names).filter(([name]) => borne.has(name))
  return Object.fromEntries(entries.map(([name, known]) => [name, newest[known] ?? known]))
}

/** Remembers the releases with secrets that the record names, and last what git asked for last. */
function noteReleases({ desired, record }: Scene): StackRecord {
  const { keyed: before = {}, ...others } = record
  const seen = [desired.stable, desired.latest].flatMap((r) =>
    r?.keyed ? [[r.digest, knownOf(r, r.keyed)] as const] : [],
  )
  const asked = Object.keys(before).at(-1)
  const named = [record.stable, ...Object.keys(record.quarantine), ...(desired.latest ? [] : [asked])]
  const kept = Object.entries(before).filter(([digest]) => named.includes(digest) && seen.every(([d]) => d !== digest))
  const keyed = Object.fromEntries([...kept, ...seen])
  return Object.keys(keyed).length === 0 ? others : { ...others, keyed }
}

function knownOf(release: Release, keyed: NonNullable<Release['keyed']>): KnownRelease {
  const specs = Object.keys(release.stack.services).map((name) => [name, specOf(release, name) ?? ''])
  return { ...keyed, specs: Object.fromEntries(specs) }
}

function specOf(release: Release, name: string): string | null {
  const service = release.stack.services[name]
  return service ? specHash(service, imageOf(release, service)) : null
}

function withNames(record: StackRecord, renamed: Record<string, string>): StackRecord {
  const { renamed: _before, ...others } = record
  return Object.keys(renamed).length === 0 ? others : { ...others, renamed }
}
