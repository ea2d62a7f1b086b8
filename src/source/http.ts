import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git'
import { askForSmallFiles, offersFilter } from './filter.ts'

export interface HttpLimits {
  /** Ends every request, the reading of its answer included. */
  signal: AbortSignal
  /** Largest answer in bytes. */
  answerBytes: number
  /** Files above this size in bytes are left out of the transfer, where the server can do that. */
  fileBytes: number
}

/** An answer larger than the limit. */
export class AnswerTooLarge extends Error {}

/** The server wants the client to go elsewhere. */
export class Moved extends Error {}

/**
 * An HTTP client for isomorphic-git in which every wait has an end and every answer a largest size. An answer is
 * handed on only when it is whole, so a connection that drops is an error here and never half a pack there.
 * Redirects are refused: only the configured host is ever called.
 */
export function limitedHttp(limits: HttpLimits): HttpClient {
  let filter = false
  return {
    async request({ url, method = 'GET', headers = {}, body }: GitHttpRequest): Promise<GitHttpResponse> {
      const sent = body === undefined ? null : await collect(body)
      const response = await fetch(url, {
        method,
        // A kept connection may have been closed by the server since; a poll every minute gains nothing from it.
        headers: { ...headers, 'user-agent': 'git/holdfast', connection: 'close' },
        body: sent !== null && filter ? askForSmallFiles(sent, limits.fileBytes) : sent,
        redirect: 'manual',
        signal: limits.signal,
      })
      refuseRedirect(response)
      const answer = await readAnswer(response, limits.answerBytes)
      if (method === 'GET') filter = offersFilter(answer)
      return {
        url,
        method,
        statusCode: response.status,
        statusMessage: response.statusText,
        headers: Object.fromEntries(response.headers),
        body: chunks([answer]),
      }
    },
  }
}

function refuseRedirect(response: Response): void {
  const target = response.headers.get('location')
  if (response.status < 300 || response.status >= 400 || target === null) return
  const { origin, pathname } = new URL(target, response.url)
  throw new Moved(`${origin}${pathname.replace(/\/info\/refs$/, '')}`)
}

async function readAnswer(response: Response, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.byteLength
    if (size > limit) throw new AnswerTooLarge(`the answer is larger than ${limit} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

async function collect(body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  for await (const part of body) parts.push(part)
  return Buffer.concat(parts)
}

async function* chunks(parts: Uint8Array[]): AsyncIterableIterator<Uint8Array> {
  yield* parts
}
