import type { LoadReport } from './program/load.ts'
import type { Executions } from './program/pages.ts'

/** What became of posts, each of which has to be executed exactly once. */
export interface Executed {
  /** Executed more than once. */
  twice: string[]
  /** Acknowledged, and never executed. */
  lost: string[]
}

/** Compares what the clients were told with what the services did. */
export function executedOf(report: LoadReport, executions: Executions): Executed {
  const acknowledged = Object.values(report).flatMap((one) => one.acknowledged)
  return {
    twice: Object.keys(executions).filter((id) => (executions[id] ?? 0) > 1),
    lost: acknowledged.filter((id) => executions[id] === undefined),
  }
}

/** What a peer at this address was told by everybody who executed something. */
export async function executionsAt(address: string): Promise<Executions> {
  const response = await fetch(`http://${address}:8080/executions`)
  return (await response.json()) as Executions
}
