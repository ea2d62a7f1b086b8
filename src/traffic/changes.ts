import { partOf } from './parts.ts'
import type { Server } from './servers.ts'

/** A server as the gateway's current process has it. */
export interface RunningServer {
  backend: string
  name: string
  address: string
  /** It is sent requests, unless its check fails. */
  isOpen: boolean
  /** Requests and connections it is busy with. */
  current: number
}

/**
 * What is to be said to the running process so that it has exactly the wanted servers. What is not wanted any more gets
 * nothing new at once, and goes when it is not busy any more.
 */
export function serverCommands(wanted: Server[], running: RunningServer[]): string[] {
  const runs = new Map(running.map((server) => [pathOf(server), server]))
  const wants = new Set(wanted.map(pathOf))
  return [
    ...wanted.flatMap((server) => commandsFor(server, runs.get(pathOf(server)))),
    ...running.filter((server) => isReplica(server) && !wants.has(pathOf(server))).flatMap(closing),
  ]
}

/** The running process sends requests to exactly the wanted servers. */
export function isSettled(wanted: Server[], running: RunningServer[]): boolean {
  const open = running.filter((server) => isReplica(server) && server.isOpen)
  const addresses = new Map(open.map((server) => [pathOf(server), server.address]))
  return open.length === wanted.length && wanted.every((server) => addresses.get(pathOf(server)) === server.address)
}

function commandsFor(server: Server, found: RunningServer | undefined): string[] {
  const path = pathOf(server)
  if (found === undefined) {
    return [`add server ${path} ${server.address} ${server.options}`, `enable health ${path}`, opened(path)]
  }
  const moved = found.address === server.address ? [] : [`set server ${path} addr ${addressCommand(server.address)}`]
  return [...moved, ...(found.isOpen ? [] : [opened(path)])]
}

function opened(path: string): string {
  return `set server ${path} state ready`
}

function closing(server: RunningServer): string[] {
  const path = pathOf(server)
  if (server.current === 0) return [`set server ${path} state maint`, `del server ${path}`]
  return server.isOpen ? [`set server ${path} state drain`] : []
}

function pathOf({ backend, name }: { backend: string; name: string }): string {
  return `${backend}/${name}`
}

function isReplica({ backend }: RunningServer): boolean {
  return partOf(backend) !== null
}

/** `10.1.2.3:80` as the runtime interface wants it. */
function addressCommand(address: string): string {
  const at = address.lastIndexOf(':')
  return `${address.slice(0, at).replace(/^\[|\]$/g, '')} port ${address.slice(at + 1)}`
}
