import type { Path } from '../manifests/path.ts'
import { HoldfastError } from '../model/errors.ts'
import type { ReadFile } from './file.ts'
import type { SettingsFile, SourceFile } from './schema.generated.ts'

/** The settings file with what is laid over it. */
export interface Layers {
  value: SettingsFile
  /** An error about one value, with its place in the file where it stands there. */
  refuse(path: Path, text: string, cause?: unknown): HoldfastError
}

/** Only one of each can be meant; the one that is laid over takes the others' place. */
const EITHER: readonly (readonly (keyof SourceFile)[])[] = [
  ['branch', 'tag', 'commit'],
  ['password', 'passwordFile', 'token', 'tokenFile'],
  ['sshPassphrase', 'sshPassphraseFile'],
  ['ageKey', 'ageKeyFile'],
]

/** Lays `over` on what the file says. Throws a HoldfastError where one of them says two things at once. */
export function layersOf(file: ReadFile | null, over: SettingsFile): Layers {
  const { sources = {}, ...general } = file?.value ?? {}
  const names = [...new Set([...Object.keys(sources), ...Object.keys(over.sources ?? {})])].sort()
  function refuse(path: Path, text: string, cause?: unknown): HoldfastError {
    const place = file?.placeOf(path)
    return new HoldfastError('terminal', place ? `${place}: ${text}` : text, { cause })
  }
  const merged = names.map((name) => {
    const [below = {}, above = {}] = [sources[name], over.sources?.[name]]
    for (const layer of [below, above]) refuseBoth(name, layer, refuse)
    return [name, { ...without(below, above), ...above }]
  })
  return { value: { ...general, ...over, sources: Object.fromEntries(merged) }, refuse }
}

function refuseBoth(name: string, source: SourceFile, refuse: Layers['refuse']): void {
  for (const keys of EITHER) {
    const [first, second] = keys.filter((key) => source[key] !== undefined)
    if (second === undefined) continue
    throw refuse(['sources', name, second], `The source ${name} has both \`${first}\` and \`${second}\`. Keep one.`)
  }
}

function without(below: SourceFile, above: SourceFile): SourceFile {
  const replaced = EITHER.filter((keys) => keys.some((key) => above[key] !== undefined)).flat()
  return Object.fromEntries(Object.entries(below).filter(([key]) => !replaced.some((other) => other === key)))
}
