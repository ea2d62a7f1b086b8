import type { Probe } from '../model/stack.ts'

/** Asks replicas from outside whether they are healthy, for images that have no program to ask themselves. */
export interface Prober {
  /**
   * Says what is to be asked in one stack from now on, and how healthy each of them is by the answers so far, by
   * container. Whoever is not named any more is asked no longer. A container that was started again begins anew.
   */
  ask(stack: string, replicas: ProbedReplica[]): Map<string, ProbedHealth>
  stop(): void
}

export interface ProbedReplica {
  container: string
  /** Opaque: another value means that it was started again. */
  startedAt: string
  /** Its address as the engine's host reaches it. */
  address: string
  probe: Probe
}

export interface ProbedHealth {
  health: 'starting' | 'healthy' | 'unhealthy'
  /** How many answers, or missing ones, there were. */
  asked: number
  /** What went wrong the last time, in words; empty when nothing did. */
  complaint: string
}

export interface ProberOptions {
  /** The health of a container changed. */
  onChange(stack: string, container: string, health: ProbedHealth['health']): void
}
