import type { TrafficNumbers } from '../model/traffic.ts'
import type { Layer } from './parts.ts'

/** What HAProxy has counted of a part, or of one server of it. */
export interface Counts {
  /** Requests in HTTP, connections otherwise. */
  sessions: number
  /** Of these, in the last second. */
  perSecond: number
  /** HTTP: with any status. */
  answers: number
  failedAnswers: number
  unreached: number
  brokenOff: number
  /** HTTP: milliseconds until an answer began. */
  responseMs: number
  bytesIn: number
  bytesOut: number
}

/** From a line of what HAProxy shows, by the names of its columns. */
export function countsIn(stat: Record<string, string>): Counts {
  const number = (column: string) => Number(stat[column] || 0)
  return {
    sessions: number('stot'),
    perSecond: number('rate'),
    answers: number('req_tot'),
    failedAnswers: number('hrsp_5xx'),
    unreached: number('econ'),
    brokenOff: number('srv_abrt'),
    // Not the whole time, `ttime`: that of one websocket would outweigh a thousand answers.
    responseMs: number('rtime'),
    bytesIn: number('bin'),
    bytesOut: number('bout'),
  }
}

/** Of all layers of an entry, or of one replica of it. */
export function numbersOf(counted: { layer: Layer; counts: Counts }[]): TrafficNumbers {
  const total = (pick: keyof Counts, of = counted) => of.reduce((sum, { counts }) => sum + counts[pick], 0)
  const http = counted.filter(({ layer }) => layer !== 'tcp')
  const tcp = counted.filter(({ layer }) => layer === 'tcp')
  return {
    requests: total('sessions', http),
    connections: total('sessions', tcp),
    perSecond: total('perSecond'),
    errors: { answers: total('failedAnswers'), unreached: total('unreached'), brokenOff: total('brokenOff') },
    responseMs: total('answers', http) === 0 ? null : Math.max(...http.map(({ counts }) => counts.responseMs)),
    bytesIn: total('bytesIn'),
    bytesOut: total('bytesOut'),
  }
}
