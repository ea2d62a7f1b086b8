/**
 * Connections are kept for the next call, but not for long: a proxy on the way may close them unasked, and the call that
 * takes such a one at that moment fails.
 */
export const POOL = { keepAlive: true, scheduling: 'lifo', timeout: 4_000 } as const
