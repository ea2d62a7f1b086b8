import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type RegistryTrouble = 'not-found' | 'unauthorized' | 'forbidden' | 'too-many' | 'broken' | 'hangs'

const ANSWERS: Record<Exclude<RegistryTrouble, 'hangs'>, { status: number; code: string }> = {
  'not-found': { status: 404, code: 'MANIFEST_UNKNOWN' },
  unauthorized: { status: 401, code: 'UNAUTHORIZED' },
  forbidden: { status: 403, code: 'DENIED' },
  'too-many': { status: 429, code: 'TOOMANYREQUESTS' },
  broken: { status: 500, code: 'UNKNOWN' },
}

export interface FailingRegistry {
  /** `127.0.0.1:PORT`, the first part of image names. */
  host: string
  trouble: RegistryTrouble
  stop(): Promise<void>
}

/** A registry that only ever fails, in the way `trouble` says, with the answers the registry protocol defines. */
export async function startFailingRegistry(trouble: RegistryTrouble): Promise<FailingRegistry> {
  const registry: FailingRegistry = { host: '', trouble, stop: () => Promise.resolve() }
  const server = createServer((request, response) => {
    if (request.url === '/v2/') return response.writeHead(200).end('{}')
    if (registry.trouble === 'hangs') return
    const { status, code } = ANSWERS[registry.trouble]
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] }))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  registry.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  registry.stop = async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  }
  return registry
}
