import { HoldfastError } from '../model/errors.ts'
import type { Engine } from './engine.ts'

/** The engines that stacks can run on, by the name of their target. */
export interface Engines {
  /**
   * The engine of a target; the empty name is the default one. Null: not known yet, which is the default one, or any.
   * Throws a HoldfastError that names the targets there are.
   */
  of(target: string | null): Engine
  /** Sorted; the default one is the empty name. */
  names(): string[]
}

/** Throws a HoldfastError from `of` for a target that is not among `byName`, of which there is at least one. */
export function enginesOf(byName: Readonly<Record<string, Engine>>): Engines {
  const names = Object.keys(byName).sort()
  return {
    names: () => names,
    of(target) {
      const name = target ?? ('' in byName ? '' : (names[0] ?? ''))
      const engine = Object.hasOwn(byName, name) ? byName[name] : undefined
      if (engine === undefined) throw unknownTarget(name, names)
      return engine
    },
  }
}

function unknownTarget(name: string, names: string[]): HoldfastError {
  const known = names.filter((other) => other !== '').join(', ') || 'none'
  if (name === '') {
    const text = `It names no target, and there is no default one: set x-holdfast.target to one of ${known}`
    return new HoldfastError('terminal', `${text}, or start Holdfast with --engine.`)
  }
  const text = `There is no target "${name}" (known: ${known}): correct x-holdfast.target`
  return new HoldfastError('terminal', `${text}, or start Holdfast with --target ${name}=<endpoint>.`)
}
