import { Duplex } from 'node:stream'
import type { ClientChannel } from 'ssh2'

/**
 * A channel of an SSH connection with the manners of a socket, as HTTP wants one: it can time out, it is destroyed for
 * good, and it ends with an error when the connection under it is lost.
 */
export class Tunnel extends Duplex {
  readonly #channel: ClientChannel
  #limitMs = 0
  #timer: NodeJS.Timeout | null = null
  #ended = false

  constructor(channel: ClientChannel) {
    super({ allowHalfOpen: true })
    this.#channel = channel
    channel.on('data', (chunk: Buffer) => {
      this.#touch()
      if (!this.push(chunk)) channel.pause()
    })
    channel.on('end', () => {
      this.#ended = true
      this.push(null)
    })
    channel.on('error', (error: Error) => this.destroy(error))
    channel.on('close', () => this.#closed())
  }

  override _read(): void {
    this.#channel.resume()
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#touch()
    this.#channel.write(chunk, encoding, done)
  }

  override _final(done: () => void): void {
    this.#channel.end()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#channel.resume()
    this.#channel.close()
    done(error)
  }

  /** As of a socket: 0 takes the limit and the listener away. */
  setTimeout(limitMs: number, listener?: () => void): this {
    this.#limitMs = limitMs
    if (listener && limitMs > 0) this.once('timeout', listener)
    else if (listener) this.removeListener('timeout', listener)
    this.#touch()
    return this
  }

  /** What HTTP sets on its sockets; for all channels together it is the connection's business. */
  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  /** What came last may not have been read yet. */
  #closed(): void {
    if (!this.#ended) this.destroy(new ConnectionLost())
    else if (this.readableEnded) this.destroy()
    else this.once('end', () => this.destroy())
  }

  #touch(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = this.#limitMs > 0 ? setTimeout(() => this.emit('timeout'), this.#limitMs) : null
  }
}

class ConnectionLost extends Error {
  readonly code = 'ECONNRESET'
  constructor() {
    super('the SSH connection was lost')
  }
}
