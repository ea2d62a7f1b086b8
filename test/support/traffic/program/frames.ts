import { createHash, randomBytes } from 'node:crypto'

/** What the two ends of a websocket tell each other here; pings and fragments are not among it. */
export type Frame = { kind: 'text'; text: string } | { kind: 'close'; code: number }

const OPCODES = { text: 1, close: 8 }
/** Fixed by RFC 6455. */
const HANDSHAKE = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The answer to a client's `Sec-WebSocket-Key`. */
export function acceptKey(key: string): string {
  return createHash('sha1').update(`${key}${HANDSHAKE}`).digest('base64')
}

/** `from`: what a client sends is masked, what a server sends is not. At most 65,535 bytes. */
export function encodeFrame(frame: Frame, from: 'client' | 'server'): Buffer {
  const payload = frame.kind === 'text' ? Buffer.from(frame.text) : Buffer.from([frame.code >> 8, frame.code & 255])
  const short = payload.length < 126
  const length = short ? [payload.length] : [126, payload.length >> 8, payload.length & 255]
  if (from === 'client') length[0] = (length[0] ?? 0) | 0x80
  const mask = from === 'client' ? randomBytes(4) : Buffer.alloc(0)
  const masked = from === 'client' ? unmask(payload, mask) : payload
  return Buffer.concat([Buffer.from([0x80 | OPCODES[frame.kind], ...length]), mask, masked])
}

/** Takes what arrives in whatever pieces, and tells each whole frame. */
export function frameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let waiting = Buffer.alloc(0)
  return (chunk) => {
    waiting = Buffer.concat([waiting, chunk])
    for (;;) {
      const length = wholeLength(waiting)
      if (length === null || waiting.length < length) return
      const frame = decodeFrame(waiting.subarray(0, length))
      waiting = waiting.subarray(length)
      if (frame) onFrame(frame)
    }
  }
}

/** How many bytes the frame at the beginning has, or null while that cannot be told. */
function wholeLength(data: Buffer): number | null {
  if (data.length < 2 || data.length < headLength(data)) return null
  return headLength(data) + payloadLength(data)
}

function isMasked(data: Buffer): boolean {
  return ((data[1] ?? 0) & 0x80) !== 0
}

function payloadLength(data: Buffer): number {
  const short = (data[1] ?? 0) & 0x7f
  return short < 126 ? short : data.readUInt16BE(2)
}

function headLength(data: Buffer): number {
  return 2 + (((data[1] ?? 0) & 0x7f) < 126 ? 0 : 2) + (isMasked(data) ? 4 : 0)
}

function decodeFrame(data: Buffer): Frame | null {
  const head = headLength(data)
  const payload = isMasked(data) ? unmask(data.subarray(head), data.subarray(head - 4, head)) : data.subarray(head)
  const opcode = (data[0] ?? 0) & 0x0f
  if (opcode === OPCODES.text) return { kind: 'text', text: payload.toString() }
  // 1005: a close frame without a code.
  if (opcode === OPCODES.close) return { kind: 'close', code: payload.length >= 2 ? payload.readUInt16BE(0) : 1005 }
  return null
}

function unmask(payload: Buffer, mask: Buffer): Buffer {
  return Buffer.from(payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0)))
}
