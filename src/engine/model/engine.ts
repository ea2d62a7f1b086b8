import { advance } from '../../decide/simulation/advance.ts'
import { apply } from '../../decide/simulation/apply.ts'
import { look, type World } from '../../decide/simulation/world.ts'
import { StepFailed } from '../../model/errors.ts'
import type { Engine } from '../engine.ts'
import { changesBetween } from './events.ts'
import { trafficReport } from './traffic.ts'

type Listener = Parameters<Engine['watch']>[0]

/** The model behind the engine's interface, so that one contract suite can hold both to the same promises. */
export interface ModelEngine extends Engine {
  world: World
  /** Lets time pass; what happens meanwhile is told to the watchers. */
  advance(ms: number): void
}

/** An engine in memory. Its images are those in `world.images`, by what they resolve to. */
export function modelEngine(world: World): ModelEngine {
  const listeners = new Set<Listener>()
  const telling = (change: () => void) => tellChanges(world, listeners, change)
  return {
    world,
    isHere: true,
    advance: (ms) => telling(() => advance(world, ms)),
    observe: async (query) => look(world, query),
    execute: async (step) => telling(() => apply(world, step)),
    resolve: async (image) => {
      const pull = world.behaviours.get(image)?.pull
      if (pull === 'unreachable') throw new StepFailed('platform', `the registry of ${image} cannot be reached`)
      if (pull === 'missing' || !world.images.has(image)) return { missing: `no such image: ${image}` }
      return { reference: image, local: true }
    },
    logs: async (name, lines) => {
      const container = world.containers.find((c) => c.name === name && c.startedAt !== '')
      return (container && world.behaviours.get(container.image)?.log?.slice(-lines)) ?? []
    },
    traffic: async () => trafficReport(world),
    watch: (listener, signal) => {
      listeners.add(listener)
      signal.addEventListener('abort', () => listeners.delete(listener))
    },
    about: async () => ({ version: 'model', apiVersion: 'model', platform: 'model/model' }),
  }
}

/** Makes the change and tells what came of it. Events are the watchers' to tell: the world keeps none for later. */
function tellChanges(world: World, listeners: Set<Listener>, change: () => void): void {
  const before = world.containers.map((container) => ({ ...container }))
  change()
  world.happened = []
  for (const event of changesBetween(before, world.containers)) {
    for (const { onEvent } of listeners) onEvent(event)
  }
}
