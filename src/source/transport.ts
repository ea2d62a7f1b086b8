import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git'
import { askForSmallFiles, offersFilter } from './filter.ts'
import { receivePack } from './pack/receive.ts'
import { refusalIn } from './packet-lines.ts'

export interface Limits {
  /** Ends everything that is under way. */
  signal: AbortSignal
  /** Largest answer in bytes. */
  answerBytes: number
  /** Files above this size in bytes are left out of the transfer, where the server can do that. */
  fileBytes: number
}

/** The way to a repository's server for the length of one look. */
export interface Transport {
  /** What isomorphic-git is to call the repository. */
  url: string
  /** What a fetch brings is written to `packFile` as it comes, and not handed on. */
  client(packFile?: string): HttpClient
  /** Leaves nothing open. */
  close(): void
}

/** One request and its whole answer; `read` takes the body of one that went well. */
export type Exchange = (request: Request, read: Read) => Promise<Answer>

export type Read = (body: AsyncIterable<Uint8Array>) => Promise<Buffer>

export interface Request {
  method: 'GET' | 'POST'
  url: string
  headers: Record<string, string>
  body: Buffer<ArrayBuffer> | null
}

export interface Answer {
  status: number
  headers: Record<string, string>
  body: Buffer
}

/** An answer larger than the limit. */
export class AnswerTooLarge extends Error {}

/** The server said in git's own words why it does not give what was asked for. */
export class ServerRefused extends Error {}

/**
 * The client that isomorphic-git works with, over any way to the server. An answer is handed on only when it is whole,
 * so a connection that drops is an error here and never half a pack there. What a server writes beside an error is not
 * handed on: it may repeat what it was sent.
 */
export function gitClient(exchange: Exchange, { fileBytes, answerBytes }: Limits, packFile?: string): HttpClient {
  let filter = false
  const readAll: Read = (body) => collect(body, answerBytes)
  const readPack: Read = (body) =>
    packFile === undefined ? readAll(body) : receivePack(upTo(answerBytes, body), packFile)
  return {
    async request({ url, method = 'GET', headers = {}, body }: GitHttpRequest): Promise<GitHttpResponse> {
      const sent = body === undefined ? null : await collect(body)
      const request: Request = {
        url,
        method: method === 'POST' ? 'POST' : 'GET',
        headers,
        body: sent !== null && filter ? askForSmallFiles(sent, fileBytes) : sent,
      }
      const answer = await exchange(request, sent === null ? readAll : readPack)
      const content = answer.status === 200 ? answer.body : Buffer.alloc(0)
      const refusal = refusalIn(content)
      if (refusal !== null) throw new ServerRefused(refusal)
      if (method === 'GET') filter = offersFilter(content)
      return {
        url,
        method,
        statusCode: answer.status,
        statusMessage: String(answer.status),
        headers: answer.headers,
        body: chunks([content]),
      }
    },
  }
}

/** All of a stream. Throws AnswerTooLarge as soon as it exceeds the limit. */
export async function collect(
  stream: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  limit = Number.POSITIVE_INFINITY,
): Promise<Buffer<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  for await (const part of upTo(limit, stream)) parts.push(part)
  return Buffer.concat(parts)
}

/** The stream, which ends with AnswerTooLarge as soon as it exceeds the limit. */
async function* upTo(
  limit: number,
  stream: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  let size = 0
  for await (const part of stream) {
    size += part.byteLength
    if (size > limit) throw tooLarge(limit)
    yield part
  }
}

export function tooLarge(limit: number): AnswerTooLarge {
  return new AnswerTooLarge(`the answer is larger than ${limit} bytes`)
}

async function* chunks(parts: Uint8Array[]): AsyncIterableIterator<Uint8Array> {
  yield* parts
}
