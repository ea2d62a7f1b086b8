import { type Failure, failureOf } from './failure.ts'

/** What one client saw. */
export interface Figures {
  /** Requests sent, or pings where it keeps a connection. */
  sent: number
  answered: number
  /** By `Failure`. */
  failures: Record<string, number>
  /** Websockets that the other end closed with a farewell. */
  farewells: number
}

export interface Incident {
  client: string
  failure: Failure
  detail: string
  /** When it should have been sent, or when the connection was lost; milliseconds since 1970. */
  at: number
  /** How long after that it failed. */
  afterMs: number
}

/** All that one client saw. */
export interface Report extends Figures {
  /** Of every answer: when its request should have been sent, and milliseconds from then on until it was there. */
  samples: { at: number[]; ms: number[] }
  /** The first thousand failures. */
  incidents: Incident[]
  /** Ids of what was sent to be executed and acknowledged. */
  acknowledged: string[]
}

/** Counts for one client. Times are milliseconds since 1970. */
export interface Tally {
  report: Report
  sent(): void
  answered(at: number, expectedMs?: number): void
  failed(at: number, error: unknown): void
}

export function openTally(client: string): Tally {
  const report: Report = {
    sent: 0,
    answered: 0,
    failures: {},
    farewells: 0,
    samples: { at: [], ms: [] },
    incidents: [],
    acknowledged: [],
  }
  return {
    report,
    sent() {
      report.sent += 1
    },
    answered(at, expectedMs = 0) {
      report.answered += 1
      report.samples.at.push(Math.round(at))
      report.samples.ms.push(Math.round((clock() - at - expectedMs) * 100) / 100)
    },
    failed(at, error) {
      const failure = failureOf(error)
      report.failures[failure] = (report.failures[failure] ?? 0) + 1
      if (report.incidents.length >= 1_000) return
      report.incidents.push({ client, failure, detail: String(error), at, afterMs: Math.round(clock() - at) })
    },
  }
}

/** Milliseconds since 1970, finer than `Date.now()` and never going back. */
export function clock(): number {
  return performance.timeOrigin + performance.now()
}
