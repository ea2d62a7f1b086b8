import type Docker from 'dockerode'
import { reasonOf } from '../../model/errors.ts'
import type { Context } from './ownership.ts'

/** When a start failed because a port was taken: who holds it and what to do. Null for any other failure. */
export async function portHolder(
  context: Context,
  info: Docker.ContainerInspectInfo,
  error: unknown,
): Promise<string | null> {
  const words = reasonOf(error)
  if (!/port is already allocated|bind: address already in use/i.test(words)) return null
  const port = takenPort(info, words)
  if (port === null) return null
  const holders = (await context.quick.listContainers()).filter((other) => other.Id !== info.Id)
  const holder = holders.find((other) => other.Ports.some(({ PublicPort }) => PublicPort === port))
  const who = holder ? `the container ${(holder.Names[0] ?? holder.Id).replace(/^\//, '')}` : 'a program outside Docker'
  return `port ${port} is taken by ${who}. Stop that, or publish another port.`
}

/** The engine names the address it could not bind; when it does not, the only published port must be meant. */
function takenPort(info: Docker.ContainerInspectInfo, words: string): number | null {
  const bindings: ({ HostPort?: string }[] | null)[] = Object.values(info.HostConfig.PortBindings ?? {})
  const wanted = bindings.flatMap((hosts) => (hosts ?? []).map(({ HostPort }) => Number(HostPort)))
  const named = wanted.find((port) => words.includes(`:${port} `) || words.includes(`:${port}:`))
  return named ?? (wanted.length === 1 ? (wanted[0] ?? null) : null)
}
