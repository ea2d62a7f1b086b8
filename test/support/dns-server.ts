import { createSocket } from 'node:dgram'
import { once } from 'node:events'

const HEADER_BYTES = 12
const TYPE_A = 1
const NO_SUCH_NAME = 3

export interface DnsServer {
  /** Names that it was asked for, in that order. */
  asked: string[]
  stop(): void
}

/** A name server on port 53 of an address of this machine that knows these names and no others. */
export async function startDnsServer(address: string, known: Record<string, string>): Promise<DnsServer> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  socket.on('message', (query, from) => {
    const { name, type, end } = questionIn(query)
    asked.push(name)
    socket.send(answerTo(query, end, known[name], type), from.port, from.address)
  })
  socket.bind(53, address)
  await once(socket, 'listening')
  return { asked, stop: () => socket.close() }
}

function questionIn(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = HEADER_BYTES
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

/** With one answer for an address that is known, none for another type of it, and a refusal for anything else. */
function answerTo(query: Buffer, end: number, address: string | undefined, type: number): Buffer {
  const isAnswered = address !== undefined && type === TYPE_A
  const head = Buffer.from(query.subarray(0, end))
  head.writeUInt16BE(0x8180 | (address === undefined ? NO_SUCH_NAME : 0), 2)
  head.writeUInt16BE(isAnswered ? 1 : 0, 6)
  head.writeUInt32BE(0, 8)
  if (!isAnswered) return head
  const record = Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)])
  return Buffer.concat([head, record])
}
