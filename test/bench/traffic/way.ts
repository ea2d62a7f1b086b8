import type { Ports } from './plans.ts'
import type { Behaviour } from './stack.ts'

/** One way of updating the same stack. */
export interface Way {
  title: string
  ports: Ports
  /** Resolves once the update is over, to what became of it; rejects when that is not what has to become of it. */
  update(version: number, behaviour: Behaviour): Promise<string>
  /** Of the one container of a service, where the host reaches it. */
  addressOf(service: string): Promise<string>
  /** What whoever updates told of it so far, to find out why something failed. */
  told(): Promise<string>
  close(): Promise<void>
}
