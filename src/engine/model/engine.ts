import { advance } from '../../decide/simulation/advance.ts'
import { apply } from '../../decide/simulation/apply.ts'
import { look, type World } from '../../decide/simulation/world.ts'
import { StepFailed } from '../../model/errors.ts'
import type { Engine, EngineEvent } from '../engine.ts'

type Listener = { onEvent(event: EngineEvent): void; onGap(): void }

/** The model behind the engine's interface, so that one contract suite can hold both to the same promises. */
export interface ModelEngine extends Engine {
  world: World
  /** Lets time pass; what happens meanwhile is told to the watchers. */
  advance(ms: number): void
}

/** An engine in memory. Its images are those in `world.images`, by name. */
export function modelEngine(world: World): ModelEngine {
  const listeners = new Set<Listener>()
  return {
    world,
    advance: (ms) => {
      advance(world, ms)
      tellAll(world, listeners)
    },
    observe: async (query) => look(world, query),
    execute: async (step) => {
      apply(world, step)
      tellAll(world, listeners)
    },
    resolve: async (image) => {
      const pull = world.behaviours.get(image)?.pull
      if (pull === 'unreachable') throw new StepFailed('platform', `the registry of ${image} cannot be reached`)
      if (pull === 'missing' || !world.images.has(image)) return { missing: `no such image: ${image}` }
      return { reference: image, local: true }
    },
    logs: async () => [],
    watch: (listener, signal) => {
      listeners.add(listener)
      signal.addEventListener('abort', () => listeners.delete(listener))
    },
    about: async () => ({ version: 'model', apiVersion: 'model', platform: 'model' }),
  }
}

/** Watchers take what happened from the world, as they would from an event stream. */
function tellAll(world: World, listeners: Set<Listener>): void {
  if (listeners.size === 0) return
  const happened = world.happened.splice(0)
  for (const happening of happened) {
    if (happening.kind !== 'interrupted') continue
    const { stack, container, what } = happening
    for (const { onEvent } of listeners) onEvent({ stack, container, action: what, interrupts: true })
  }
}
