import type { Format } from '../format.ts'
import { Refusal } from '../refusal.ts'
import type { Branch, Scalar, Value, Written } from '../tree.ts'
import { requireText } from './text.ts'

/** What SOPS adds stands among the others. */
const OWN = 'sops_'

/** KEY=value lines. SOPS knows no quotes in them: they belong to the value. */
export const dotenv: Format = {
  read(text) {
    const entries = entriesOf(text)
    const own = entries.filter(([key]) => key.startsWith(OWN))
    const others = entries.filter(([key]) => !key.startsWith(OWN))
    return {
      documents: [{ root: new Map<string, Written>(others), plain: (value) => value }],
      metadata: own.length === 0 ? null : nested(own.map(([key, value]) => [key.slice(OWN.length), value])),
    }
  },
  write([root]) {
    const entries = root instanceof Map ? [...root] : []
    return Buffer.from(entries.map(([key, value]) => `${key}=${oneLine(requireText(value))}\n`).join(''))
  },
}

function entriesOf(text: string): [string, Scalar][] {
  const known = new Set<string>()
  return text.split('\n').flatMap((line, at): [string, Scalar][] => {
    if (line === '' || line.startsWith('#')) return []
    const equals = line.indexOf('=')
    if (equals < 0) throw new Refusal(`its line ${at + 1} is not KEY=value`)
    const key = line.slice(0, equals)
    if (known.has(key)) throw new Refusal(`a key stands in it twice, the second time in line ${at + 1}`)
    known.add(key)
    return [[key, { text: line.slice(equals + 1).replaceAll('\\n', '\n'), plain: false }]]
  })
}

function oneLine(value: Value): string {
  return String(value).replaceAll('\n', '\\n')
}

/** `age__list_0__map_enc` is `enc` of the first of the list `age`. */
function nested(entries: [string, Scalar][]): Branch {
  const root: Branch = new Map()
  for (const [key, value] of entries) {
    const steps = key.split(/__(?=(?:map|list)_)/).map((step) => step.replace(/^(map|list)_/, ''))
    place(root, steps, value)
  }
  return asLists(root)
}

function place(branch: Branch, [step = '', ...rest]: string[], value: Scalar): void {
  if (rest.length === 0) branch.set(step, value)
  else {
    const found = branch.get(step)
    const next = found instanceof Map ? found : new Map<string, Written>()
    branch.set(step, next)
    place(next, rest, value)
  }
}

/** A map whose keys are all numbers stands for a list. */
function asLists(branch: Branch): Branch {
  return new Map([...branch].map(([key, node]) => [key, node instanceof Map ? listOr(asLists(node)) : node] as const))
}

function listOr(branch: Branch): Written {
  const isList = [...branch.keys()].every((key) => /^\d+$/.test(key))
  if (!isList) return branch
  return [...branch].sort(([a], [b]) => Number(a) - Number(b)).map(([, node]) => node)
}
