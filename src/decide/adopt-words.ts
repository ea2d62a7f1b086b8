import type { Observed, ObservedContainer } from '../model/observed.ts'
import type { StackRecord } from '../model/record.ts'
import { admit, besides, foreignTo } from './adopt.ts'
import type { Desired, Scene, TowardsRelease } from './desired.ts'
import { isHealthy } from './match.ts'
import { isRestoring } from './restore.ts'

/** An anonymous volume's name is 64 hex digits. */
const ANONYMOUS = /^[0-9a-f]{64}$/

/** What is special about a stack that has the name of a Compose project. */
export function composeWords(scene: Scene, { release }: TowardsRelease): string[] {
  const { same, others } = besides(scene, release)
  const names = others.map(({ actualName }) => actualName)
  const left = names.length === 0 ? [] : [`left alone, the manifest does not have it: ${names.join(', ')}`]
  return [...same.map(besideWords), ...left]
}

/** By a person's habit: `docker compose up`, after Holdfast took over. */
export function runsBeside(scene: Scene, { release }: TowardsRelease): boolean {
  return besides(scene, release).same.length > 0
}

function besideWords({ service, actualName }: ObservedContainer): string {
  return `docker compose runs ${service} beside Holdfast (${actualName}); end it with: docker stop ${actualName}`
}

/** While nothing of ours is stable: what Compose ran, and whether it does so again; nothing when it is none of ours. */
export function restoredWords(scene: Scene): string[] {
  const adopted = adoptedOnes(scene)
  if (adopted.length === 0) return []
  const names = adopted.map(({ actualName }) => actualName).join(', ')
  return [
    isRestoring(scene) ? `bringing back what docker compose ran: ${names}` : `what docker compose ran serves: ${names}`,
  ]
}

/** It serves as before: nothing is missing but the release. */
export function isComposeServing(scene: Scene): boolean {
  const adopted = adoptedOnes(scene)
  return adopted.length > 0 && adopted.every(isHealthy)
}

function adoptedOnes({ observed, record }: Scene): ObservedContainer[] {
  if (record.adoption?.by !== null) return []
  const { containers } = record.adoption
  return observed.containers.filter((c) => containers[c.id] !== undefined)
}

/** What people should know before a Compose project is taken over. */
export function adoptionNotes(desired: Desired, observed: Observed, record: StackRecord): string[] {
  const { latest } = desired
  if (!latest || record.adoption?.by !== null) return []
  const scene = admit({ desired, observed, record })
  const kept = foreignTo(latest, { ...observed, compose: [] })
  const adopted = scene.observed.containers.filter((c) => c.adopted)
  const { others } = besides(scene, latest)
  return [
    ...(kept.length === 0 ? [] : [`used as they are, never created or removed: ${kept.join(', ')}`]),
    ...(others.length === 0 ? [] : [`left alone, the manifest does not have it: ${namesOf(others)}`]),
    ...adopted.flatMap(anonymousNote),
    ...(adopted.length === 0 || desired.stable
      ? []
      : [`if it fails, docker compose's own are started again: ${namesOf(adopted)}`]),
  ]
}

function anonymousNote({ actualName, volumes, service }: ObservedContainer): string[] {
  const anonymous = volumes.filter((name) => ANONYMOUS.test(name))
  if (anonymous.length === 0) return []
  const which = anonymous.map((name) => name.slice(0, 12)).join(', ')
  return [
    `${actualName} keeps data in a volume without a name (${which}), which the new ${service} does not have; it stays`,
  ]
}

function namesOf(containers: ObservedContainer[]): string {
  return containers.map(({ actualName }) => actualName).join(', ')
}
