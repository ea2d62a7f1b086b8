import { short } from '../../model/release.ts'
import { readSettings } from '../../settings/read.ts'
import type { Store } from '../../store/store.ts'
import type { Adapters } from '../adapters.ts'
import { openExisting } from '../data.ts'
import type { Candidate, Known } from './candidates.ts'

/** How far back releases are looked for. */
const SEARCHED = 1_000

/** From the store that the typed words mean. Whatever stands in the way: then nothing is known. */
export function knownFrom(words: readonly string[], adapters: Adapters): Known {
  const given = (option: string) => {
    const at = words.indexOf(option)
    return at === -1 ? undefined : words[at + 1]
  }
  const [data, settings] = [given('--data') ?? process.env['HOLDFAST_DATA'], given('--settings')]
  const flags = { ...(data ? { data } : {}), ...(settings ? { settings } : {}) }
  function ask(question: (store: Store) => Candidate[]): Candidate[] {
    try {
      const store = openExisting(readSettings(flags), adapters)
      try {
        return question(store)
      } finally {
        store.close()
      }
    } catch {
      return []
    }
  }
  return {
    stacks: () => ask((store) => store.stacks().map((text) => ({ text, meaning: statusWords(text, store) }))),
    services: (stack) => ask((store) => servicesOf(stack, store)),
    releases: (stack) => ask((store) => releasesOf(stack, store)),
  }
}

function statusWords(stack: string, store: Store): string {
  const { status } = store.stack(stack)
  return status === null ? '' : `${status.sync}, ${status.health}`
}

/** A slot is named where there are several. */
function servicesOf(stack: string, store: Store): Candidate[] {
  const services = Object.entries(store.stack(stack).status?.services ?? {}).sort()
  return services.flatMap(([service, { ready, wanted }]) => {
    const slots = Array.from({ length: wanted > 1 ? wanted : 0 }, (_, at) => ({
      text: `${service}.${at + 1}`,
      meaning: '',
    }))
    return [{ text: service, meaning: `${ready} of ${wanted} ready` }, ...slots]
  })
}

function releasesOf(stack: string, store: Store): Candidate[] {
  const told = store.history(stack, SEARCHED).filter(({ kind }) => kind === 'stable' || kind === 'rolled-back')
  const known = new Map(told.flatMap(({ release, at }) => (release === null ? [] : [[short(release), at] as const])))
  return [...known].map(([text, at]) => ({ text, meaning: `stable at ${at}` }))
}
