import type { Observed, Query } from '../model/observed.ts'
import type { Pin } from '../model/release.ts'
import type { Service } from '../model/stack.ts'
import type { Step } from '../model/steps.ts'
import type { TrafficReport } from '../model/traffic.ts'

/**
 * A target's API. One implementation drives a real Docker engine, another one a model of it in memory;
 * both pass the suite in test/contract/.
 */
export interface Engine {
  /** It runs on this machine, so that the addresses of its containers can be reached from here. */
  readonly isHere: boolean
  /** Everything of ours in one stack as it is now. `happened` is left empty: events are the watcher's to tell. */
  observe(query: Query): Promise<Omit<Observed, 'happened'>>
  /**
   * Carries one step out. Rejects with StepFailed, which says whose fault it is; repeating a done step is no error.
   * `tell` hears now and then how far a step is that takes long, e.g. `43 % of 120 MB`.
   */
  execute(step: Step, tell?: (progress: string) => void): Promise<void>
  /**
   * Resolves an image reference to what containers are created from. `missing` when no such image exists anywhere;
   * rejects with StepFailed('platform') when that could not be found out.
   */
  resolve(image: string, pull: Service['pull']): Promise<Pin>
  /** The last lines a container wrote, oldest first, bounded in length. */
  logs(container: string, lines: number): Promise<string[]>
  /** What comes in, who gets it, and who is found by name, of all stacks; null where the target has no gateway and no names. */
  traffic(): Promise<TrafficReport | null>
  /**
   * Tells of every change to our containers, and to networks and volumes that may be ours, until `signal` aborts. A stream that drops is taken up again,
   * and `onGap` says that something may have been missed.
   */
  watch(listener: { onEvent(event: EngineEvent): void; onGap(): void }, signal: AbortSignal): void
  /** Rejects with a HoldfastError that names the next command to type when the engine cannot be reached. */
  about(): Promise<EngineAbout>
}

export interface EngineEvent {
  /** Empty where only the name of a network or volume is known: it tells by its beginning whose it may be. */
  stack: string
  /** Empty where the event is of a network or volume. */
  container: string
  /** It is of what all stacks of the target share: its gateway, or its names. */
  ofAll?: true
  /** The network or volume that was destroyed, or that a container joined or left. */
  resource?: string
  /** The engine's word: `die`, `start`, `health_status: unhealthy`, `destroy`, … */
  action: string
  /** True when it breaks a continuous health window: died, was killed, restarted, paused or became unhealthy. */
  interrupts: boolean
  /** True for a signal that was sent through the engine. */
  byHand: boolean
}

export interface EngineAbout {
  version: string
  apiVersion: string
  platform: string
}
