import { specHash } from '../model/hash.ts'
import { differsByKey } from '../model/keyless.ts'
import type { ObservedContainer } from '../model/observed.ts'
import type { StackRecord } from '../model/record.ts'
import type { Release } from '../model/release.ts'
import type { Scene } from './desired.ts'
import { imageOf, isUp } from './match.ts'

/**
 * Names of secrets depend on the key file. Where that was lost, what runs and what is remembered bears names that
 * nobody can make again: it is taken for what git asks for, when nothing but those names tells them apart. From then
 * on a secret that changes is noticed again.
 */
export function recognise(scene: Scene): Scene {
  const { latest } = scene.desired
  const noted = noteKeyed(scene)
  const record = latest?.keyed ? renameReleases(renameSpecs({ ...scene, record: noted }, latest), latest) : noted
  const { renamed } = record
  if (renamed === undefined) return { ...scene, record }
  const known = (name: string) => renamed[name] ?? name
  const containers = scene.observed.containers.map((c) => ({ ...c, spec: known(c.spec), release: known(c.release) }))
  const stable = record.stable === latest?.digest ? latest : scene.desired.stable
  return { desired: { ...scene.desired, stable }, observed: { ...scene.observed, containers }, record }
}

/** Remembers how the releases that the record names are known without the key. */
function noteKeyed({ desired, record }: Scene): StackRecord {
  const { latest, stable, previous } = desired
  const seen = [latest, stable, previous].flatMap((r) => (r?.keyed ? [[r.digest, r.keyed] as const] : []))
  const named = [
    latest?.digest,
    record.stable,
    record.previous,
    record.rollout?.digest,
    ...Object.keys(record.quarantine),
  ]
  const kept = Object.entries(record.keyed ?? {}).filter(([digest]) => named.includes(digest))
  const { keyed: _before, ...others } = record
  const keyed = Object.fromEntries([...kept, ...seen])
  return Object.keys(keyed).length === 0 ? others : { ...others, keyed }
}

/** What is up, or is to come up again with the engine, and the jobs that completed. */
function renameSpecs({ observed, record }: Scene, latest: Release): StackRecord {
  const before = record.renamed ?? {}
  const live = observed.containers.filter((c) => isUp(c) || c.restart !== 'no')
  const found = live.flatMap((c) => renaming(c.service, before[c.spec] ?? c.spec, latest))
  const jobs = Object.entries(record.jobsDone).flatMap(([service, spec]) => renaming(service, spec, latest))
  const names = Object.fromEntries([...found, ...jobs])
  const jobsDone = Object.entries(record.jobsDone).map(([service, spec]) => [service, names[spec] ?? spec])
  const renamed = present({ ...before, ...names }, names, observed.containers)
  return withNames({ ...record, jobsDone: Object.fromEntries(jobsDone) }, renamed)
}

/** `spec`, and what it is called in the release that git asks for. */
function renaming(name: string, spec: string, latest: Release): (readonly [string, string])[] {
  const service = latest.stack.services[name]
  const wanted = service && specHash(service, imageOf(latest, service))
  return wanted && differsByKey(spec, wanted) ? [[spec, wanted] as const] : []
}

/** The record names a release by its digest alone, wherever it does. */
function renameReleases(record: StackRecord, latest: Release): StackRecord {
  const { keyed } = latest
  const same = Object.entries(record.keyed ?? {})
    .filter(([, known]) => known.keyless === keyed?.keyless && known.key !== keyed.key)
    .map(([digest]) => digest)
  if (same.length === 0) return record
  const others = Object.entries(record.keyed ?? {}).filter(([digest]) => !same.includes(digest))
  const before = JSON.stringify({ ...record, keyed: Object.fromEntries(others) })
  const text = same.reduce((written, digest) => written.replaceAll(digest, latest.digest), before)
  const names = Object.fromEntries(same.map((digest) => [digest, latest.digest]))
  return withNames(JSON.parse(text), { ...record.renamed, ...names })
}

/** Only what containers still bear, by its newest name. */
function present(
  names: Record<string, string>,
  newest: Record<string, string>,
  containers: ObservedContainer[],
): Record<string, string> {
  const borne = new Set(containers.flatMap((c) => [c.spec, c.release]))
  const entries = Object.entries(names).filter(([name]) => borne.has(name))
  return Object.fromEntries(entries.map(([name, known]) => [name, newest[known] ?? known]))
}

function withNames(record: StackRecord, renamed: Record<string, string>): StackRecord {
  const { renamed: _before, ...others } = record
  return Object.keys(renamed).length === 0 ? others : { ...others, renamed }
}
