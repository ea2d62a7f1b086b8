import { parseArgs } from 'node:util'

/** The ways of an update that are compared. */
export const WAYS = ['holdfast', 'up', 'scale'] as const
export type WayName = (typeof WAYS)[number]

export interface Options {
  ways: WayName[]
  /** With Holdfast, good and bad by turns. */
  rollouts: number
  /** Updates with each of the other ways, all good. */
  updates: number
  /** Requests in a second, of all clients together. */
  perSecond: number
  /** Between the end of an update and the next one. */
  pauseMs: number
  replicas: number
  /** Folder for all that was seen, as JSON, one file for each way; none when empty. */
  keep: string
}

/** Reads the command line; throws on what it does not know. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true, default: [...WAYS] },
      rollouts: { type: 'string', default: '100' },
      updates: { type: 'string', default: '10' },
      rate: { type: 'string', default: '150' },
      pause: { type: 'string', default: '4' },
      replicas: { type: 'string', default: '1' },
      keep: { type: 'string', default: '' },
    },
  })
  const unknown = values.only.find((name) => !WAYS.some((way) => way === name))
  if (unknown !== undefined) throw new Error(`--only ${unknown}: it is one of ${WAYS.join(', ')}.`)
  return {
    ways: WAYS.filter((way) => values.only.includes(way)),
    rollouts: numberOf('rollouts', values.rollouts),
    updates: numberOf('updates', values.updates),
    perSecond: numberOf('rate', values.rate),
    pauseMs: numberOf('pause', values.pause) * 1_000,
    replicas: numberOf('replicas', values.replicas),
    keep: values.keep,
  }
}

function numberOf(name: string, text: string): number {
  const number = Number(text)
  if (number >= 0) return number
  throw new Error(`--${name} ${text}: it has to be a number.`)
}
