import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SourceError } from './errors.ts'

/** Where a repository lies. `shown` is the form for people; it never holds a password or a token. */
export type Location =
  | { kind: 'http'; url: string; authorization: string | null; shown: string }
  | { kind: 'local'; path: string; shown: string }

/**
 * Takes an `http:`, `https:` or `file:` URL, or a path. Credentials are taken out of the URL here, once: everything
 * behind works with the bare URL, so no error and no log can show them.
 */
export function parseLocation(url: string): Location {
  if (/^https?:\/\//i.test(url)) return parseHttp(url)
  if (/^file:\/\//i.test(url)) return { kind: 'local', path: fileURLToPath(url), shown: url }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url) || /^[^/]+@[^/]+:/.test(url)) throw unsupported(url)
  return { kind: 'local', path: resolve(url), shown: url }
}

function parseHttp(url: string): Location {
  if (!URL.canParse(url)) throw new SourceError('terminal', `${mask(url)} is not a URL. Correct the repository's URL.`)
  const parsed = new URL(url)
  const login = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`
  parsed.username = ''
  parsed.password = ''
  parsed.hash = ''
  parsed.search = ''
  const bare = parsed.href.replace(/\/+$/, '')
  const authorization = login === ':' ? null : `Basic ${Buffer.from(login).toString('base64')}`
  return { kind: 'http', url: bare, authorization, shown: bare }
}

function unsupported(url: string): SourceError {
  const shown = mask(url)
  return new SourceError(
    'terminal',
    `Cannot follow ${shown}: only http, https and local paths work. Use its https URL.`,
  )
}

/** Hides whatever stands before the last `@`. */
function mask(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@')
}
