/** In what way something was not as it has to be. */
export type Failure =
  | 'refused'
  | 'reset'
  /** Closed in good order, but before the answer. */
  | 'closed without an answer'
  | 'answer cut short'
  | 'no answer in time'
  | 'name not found'
  | 'unreachable'
  | 'wrong answer'
  /** The service's own connection to another one by name. */
  | 'outbound failed'
  /** A kept connection that was gone when it was needed. */
  | 'closed while idle'
  /** A websocket or raw connection that ended without a farewell. */
  | 'cut'
  | `status ${number}`
  | `other: ${string}`

const BY_CODE: Record<string, Failure> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'no answer in time',
  ENOTFOUND: 'name not found',
  EAI_AGAIN: 'name not found',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
}

/** A failure that already has its name. */
export class Failed extends Error {
  readonly failure: Failure

  constructor(failure: Failure, detail: string) {
    super(detail)
    this.failure = failure
  }
}

/** Names what went wrong with a request or a connection. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failed) return error.failure
  const { code = '', message } = error as { code?: string; message: string }
  // Node gives this the code of a reset.
  if (message === 'socket hang up') return 'closed without an answer'
  if (message === 'aborted') return 'answer cut short'
  return BY_CODE[code] ?? `other: ${code === '' ? message : code}`
}
