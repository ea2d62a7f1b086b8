import { rootCertificates } from 'node:tls'
import { Agent, type buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici'
import type { ProxyAddress } from './proxy.ts'

/** The proxy took the connection and ended it without a word. */
export class ProxyHungUp extends Error {}

/**
 * What makes the connections of one look; it has to be destroyed. With an authority of its own (PEM) a server is trusted
 * by that one alone; a proxy on the way may be the whole world's.
 */
export function dispatcherFor(ca: string | undefined, proxy: ProxyAddress | null): Dispatcher {
  const own = ca === undefined ? {} : { ca }
  if (proxy === null) return new Agent({ connect: own })
  return new ProxyAgent({
    uri: proxy.uri,
    ...(proxy.authorization === null ? {} : { token: proxy.authorization }),
    requestTls: own,
    proxyTls: ca === undefined ? {} : { ca: [...rootCertificates, ca] },
    // A tunnel to where no TLS is spoken is what proxies refuse.
    proxyTunnel: false,
    factory: poolThatGivesUp,
  })
}

/** undici asks a proxy that hangs up again at once, and for ever; the next look does that in its own time. */
function poolThatGivesUp(origin: string | URL, options: object): Dispatcher {
  const { connect, ...rest }: Pool.Options = options
  if (typeof connect !== 'function') return new Pool(origin, options)
  const once: buildConnector.connector = (to, done) => {
    connect(to, (error, socket) => (error ? done(named(error), null) : done(null, socket)))
  }
  return new Pool(origin, { ...rest, connect: once })
}

function named(error: Error): Error {
  const isHungUp = 'code' in error && error.code === 'UND_ERR_SOCKET'
  return isHungUp ? new ProxyHungUp('the proxy hung up', { cause: error }) : error
}
