import { reasonOf } from '../../model/errors.ts'
import type { Endpoint } from '../endpoint.ts'
import type { Connection } from './client.ts'
import { failed } from './errors.ts'
import { isUnconnected, unreachable } from './transport/unreachable.ts'

/** Gives whatever goes wrong with `what` a subject and a fault. */
export type Explain = (what: string, error: unknown) => Error

/** An engine that was upgraded meanwhile may not take our version: then the next call agrees on one anew. */
export function explainer(endpoint: Endpoint, connection: Pick<Connection, 'forget'>): Explain {
  return (what, error) => {
    if (isUnconnected(error)) return unreachable(endpoint, error)
    if (/client version \S+ is too (?:old|new)/i.test(reasonOf(error))) connection.forget()
    return failed(what, error)
  }
}
