import { ProxyHungUp } from './dispatcher.ts'
import { Moved } from './http.ts'
import { CHECK_URL, type Followed, retry, terminal, type Verdict } from './verdict.ts'

/** What went wrong on the way to an HTTP server, or what it answered; null for anything else. */
export function httpVerdict(error: unknown, followed: Followed): Verdict | null {
  if (error instanceof Moved) {
    return terminal(`the server sends on to ${error.message}, and redirects are not followed`, 'Use that URL.')
  }
  const status = statusOf(error)
  if (status !== null) return statusVerdict(status, followed)
  if (!(error instanceof Error)) return null
  return proxyVerdict(error, followed) ?? networkVerdict(error, followed)
}

function statusOf(error: unknown): number | null {
  if (!(error instanceof Error) || error.name !== 'HttpError' || !('data' in error)) return null
  return (error.data as { statusCode: number }).statusCode
}

function statusVerdict(status: number, { hasLogin, proxy }: Followed): Verdict {
  if (status === 401 && hasLogin) {
    return terminal('the server does not accept the credentials (401)', "Renew the source's token or password.")
  }
  if (status === 401) {
    return terminal('the server wants credentials (401)', "Set the source's token, or its username and password.")
  }
  if (status === 403) return terminal('the server forbids it (403)', 'Give the access token the right to read.')
  if (status === 404) {
    return terminal('no such repository (404)', `${CHECK_URL} Forges say the same when the access token is not enough.`)
  }
  if (status === 407) return loginAtProxy(proxy ?? 'a proxy')
  if (status === 429 || status >= 500) {
    return retry(`the server answered ${status}`, 'It is tried again; see the server for the cause.')
  }
  return terminal(`the server answered ${status}`, CHECK_URL)
}

/** A proxy that is in between is the only one that connections are made to. */
function proxyVerdict(error: Error & { code?: unknown }, { proxy }: Followed): Verdict | null {
  if (!proxy) return null
  if (error instanceof ProxyHungUp) {
    return retry(`the proxy ${proxy} hangs up`, 'It is tried again; see the proxy for the cause.')
  }
  const [, status] = /Proxy response \((\d+)\)|\((407)\)/.exec(error.message)?.filter(Boolean) ?? []
  if (status === '407') return loginAtProxy(proxy)
  if (status !== undefined) {
    const next = 'Have the proxy let this host through, or name another one.'
    const refused = `the proxy ${proxy} does not connect to the server (${status})`
    return Number(status) >= 500
      ? retry(refused, 'It is tried again; see the proxy for the cause.')
      : terminal(refused, next)
  }
  if (error.code === 'ECONNREFUSED') {
    return retry(
      `the proxy ${proxy} refuses connections`,
      "Start it, or correct the source's proxy; it is tried again.",
    )
  }
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') {
    return retry(`the host name of the proxy ${proxy} is unknown`, "Correct the source's proxy. It is tried again.")
  }
  return null
}

function loginAtProxy(proxy: string): Verdict {
  const next = "Write valid ones into the source's proxy: http://user:password@host:port."
  return terminal(`the proxy ${proxy} wants credentials (407)`, next)
}

const NETWORK = /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|EPIPE|EPROTO|UND_ERR_|HPE_)/
const TLS = /^ERR_(SSL|TLS)|CERT|UNABLE_TO_|SELF_SIGNED/

/** By the codes of Node, of OpenSSL and of the HTTP client. */
function networkVerdict(error: Error & { code?: unknown }, followed: Followed): Verdict | null {
  const code = typeof error.code === 'string' ? error.code : ''
  if (code === 'ENOTFOUND') return retry('its host name is unknown', `${CHECK_URL} It is tried again.`)
  if (code === 'EAI_AGAIN') return retry('its host name could not be looked up', 'It is tried again; check the DNS.')
  if (code === 'ECONNREFUSED') return retry('the server refuses connections', 'It is tried again; start the server.')
  if (TLS.test(code)) return tlsVerdict(code, followed)
  if (!NETWORK.test(code)) return null
  return retry(`the connection failed (${code})`, 'It is tried again; check the network.')
}

function tlsVerdict(code: string, { hasOwnAuthority }: Followed): Verdict {
  if (code === 'CERT_HAS_EXPIRED') return terminal('its certificate has expired', 'Renew it on the server.')
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return terminal('its certificate is for another name', 'Use a host name in the url that the certificate holds.')
  }
  if (/SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED|CERT_SIGNATURE/.test(code)) {
    if (hasOwnAuthority) {
      const next = 'Name the file with the certificate of the authority that did.'
      return terminal(`its certificate was not signed by what the source's caFile holds (${code})`, next)
    }
    const next = "Name a file with that authority's certificate as the source's caFile."
    return terminal(`its certificate was signed by an authority that is not known here (${code})`, next)
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return terminal(
      `it does not speak TLS (${code})`,
      'Use an http url if the network between is safe, or its TLS port.',
    )
  }
  return terminal(`no safe connection (${code})`, 'Mend the certificate or TLS of the server.')
}
