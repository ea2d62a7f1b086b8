import { type Dispatcher, request } from 'undici'
import type { HttpLocation } from './location.ts'
import { type Answer, collect, gitClient, type Limits, type Read, type Request, type Transport } from './transport.ts'

/** The server wants the client to go elsewhere. */
export class Moved extends Error {}

/** What a connection to the server is made with. */
export interface HttpWay {
  location: HttpLocation
  /** Of the header of that name; null without credentials. */
  authorization: string | null
  /** Makes what connections are made by, for one look. */
  dispatcher(): Dispatcher
  /** What the connection goes through, for people; null when it goes straight. */
  proxy: string | null
  /** Certificates are checked against an authority that the settings name. */
  hasOwnAuthority: boolean
}

/**
 * Git over HTTP, in which every wait has an end and every answer a largest size. Redirects are refused: only the
 * configured host is ever called, and only it is shown the credentials.
 */
export function overHttp(way: HttpWay, limits: Limits): Transport {
  const dispatcher = way.dispatcher()
  const login: Record<string, string> = way.authorization === null ? {} : { authorization: way.authorization }
  return {
    url: way.location.url,
    client: (packFile) => {
      return gitClient((request, read) => exchange(request, read, login, dispatcher, limits), limits, packFile)
    },
    close: () => void dispatcher.destroy().catch(() => {}),
  }
}

async function exchange(
  { url, method, headers, body }: Request,
  read: Read,
  login: Record<string, string>,
  dispatcher: Dispatcher,
  { signal, answerBytes }: Limits,
): Promise<Answer> {
  const sent = { ...headers, ...login, 'user-agent': 'git/holdfast' }
  const answer = await request(url, { method, headers: sent, body, dispatcher, signal })
  try {
    refuseRedirect(url, answer)
    const isGood = answer.statusCode === 200
    const content = await (isGood ? read(answer.body) : collect(answer.body, answerBytes))
    return { status: answer.statusCode, headers: headersOf(answer), body: content }
  } finally {
    // What is not read would be waited for.
    answer.body.on('error', () => {}).destroy()
  }
}

function headersOf({ headers }: Dispatcher.ResponseData): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

function refuseRedirect(url: string, { statusCode, headers }: Dispatcher.ResponseData): void {
  const target = headers['location']
  if (statusCode < 300 || statusCode >= 400 || target === undefined) return
  const { origin, pathname } = new URL(String(target), url)
  throw new Moved(`${origin}${pathname.replace(/\/info\/refs$/, '')}`)
}
