import { once } from 'node:events'
import { connect } from 'node:net'
import type { Probe } from '../model/stack.ts'

/** Asks once. Rejects, in words, when the answer is not the one that means healthy, or does not come in time. */
export async function question(probe: Probe, address: string): Promise<void> {
  const signal = AbortSignal.timeout(probe.timeoutMs)
  const where =
    probe.kind === 'http' ? `http://${address}:${probe.port}${probe.path}` : `tcp://${address}:${probe.port}`
  try {
    if (probe.kind === 'http') await request(where, probe.status, signal)
    else await connection(address, probe.port, signal)
  } catch (error) {
    throw new Error(`${where} ${signal.aborted ? `gave no answer within ${probe.timeoutMs / 1000} s` : words(error)}`)
  }
}

/** Redirects are answers; they are not followed. */
async function request(url: string, status: number | undefined, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { redirect: 'manual', signal })
  await response.body?.cancel()
  const isGood = status === undefined ? response.status >= 200 && response.status < 400 : response.status === status
  if (!isGood) throw new Error(`answered with status ${response.status}`)
}

async function connection(host: string, port: number, signal: AbortSignal): Promise<void> {
  const socket = connect({ host, port })
  try {
    await once(socket, 'connect', { signal })
  } finally {
    socket.destroy()
  }
}

/** The network's own reason lies below that of the client. */
function words(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause && cause.code === 'ECONNREFUSED' ? 'refused the connection' : cause.message
}
