import { executedOf } from '../../support/traffic/executed.ts'
import type { LoadReport } from '../../support/traffic/program/load.ts'
import type { Executions } from '../../support/traffic/program/pages.ts'
import type { Report } from '../../support/traffic/program/tally.ts'
import { tellIncidents } from './incidents.ts'
import { BYSTANDERS, WEBSOCKET } from './plans.ts'

/** An update, in milliseconds since 1970. */
export interface Window {
  from: number
  to: number
}

/** What was seen while one way was tried. */
export interface Seen {
  report: LoadReport
  executions: Executions
  windows: Window[]
  /** Latencies before that are of programs that just started. */
  warmFrom: number
  /** Why there were no more updates; null when all were made. */
  stopped: string | null
}

export interface Result {
  requests: number
  failures: number
  failuresByKind: Record<string, number>
  twice: number
  /** Acknowledged, and never executed. */
  lost: number
  disturbed: number
  websockets: { farewells: number; cut: number }
  outside: Latency
  during: Latency
  /** Lines that say what failed when. */
  incidents: string[]
  stopped: string | null
}

/** Milliseconds. */
export interface Latency {
  p50: number
  p99: number
}

export function resultOf(seen: Seen): Result {
  const ours = Object.entries(seen.report).filter(([client]) => !BYSTANDERS.includes(client))
  const requests = ours.filter(([client]) => client !== WEBSOCKET).map(([, one]) => one)
  const failuresByKind = addedUp(ours.map(([, one]) => one.failures))
  const incidents = Object.values(seen.report).flatMap((one) => one.incidents)
  const { twice, lost } = executedOf(seen.report, seen.executions)
  const websocket = seen.report[WEBSOCKET]
  return {
    requests: sum(requests.map(({ sent }) => sent)),
    failures: sum(Object.values(failuresByKind)),
    failuresByKind,
    twice: twice.length,
    lost: lost.length,
    disturbed: sum(BYSTANDERS.map((client) => disturbances(seen.report[client]))),
    websockets: { farewells: websocket?.farewells ?? 0, cut: websocket?.failures['cut'] ?? 0 },
    ...latencies(requests, seen),
    incidents: tellIncidents(incidents, seen.windows),
    stopped: seen.stopped,
  }
}

/** A farewell disturbs as well: nobody touched that service. */
function disturbances(report: Report | undefined): number {
  if (!report) return 1
  return report.farewells + sum(Object.values(report.failures))
}

function latencies(requests: Report[], { windows, warmFrom }: Seen): { outside: Latency; during: Latency } {
  const outside: number[] = []
  const during: number[] = []
  for (const { samples } of requests) {
    samples.at.forEach((at, index) => {
      const ms = samples.ms[index] ?? 0
      if (windows.some(({ from, to }) => from <= at && at <= to)) during.push(ms)
      else if (at >= warmFrom) outside.push(ms)
    })
  }
  return { outside: latencyOf(outside), during: latencyOf(during) }
}

function latencyOf(samples: number[]): Latency {
  const sorted = Float64Array.from(samples).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}

function addedUp(all: Record<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {}
  for (const one of all) {
    for (const [kind, count] of Object.entries(one)) total[kind] = (total[kind] ?? 0) + count
  }
  return total
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
