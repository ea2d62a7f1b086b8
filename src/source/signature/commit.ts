/** A commit as far as its signature goes. */
export interface SignedCommit {
  /** The bytes that were signed: the commit without its signature. */
  payload: Uint8Array
  /** Its signatures, armored; a commit has one, or none. */
  signatures: string[]
  /** The committer's date as the commit claims it, in seconds since 1970; null when it claims none. */
  committedAt: number | null
}

/**
 * Takes a commit object apart as git does (gitformat-signature(5)): the signature is the header `gpgsig`, whose further
 * lines begin with a space. Headers of that kind for other hash algorithms belong to neither part.
 */
export function splitCommit(raw: Uint8Array): SignedCommit {
  const text = Buffer.from(raw).toString('latin1')
  const body = endOfHeaders(text)
  const headers = text.slice(0, body).match(/[^\n]*\n(?: [^\n]*\n)*/g) ?? []
  const signed = headers.filter((header) => !header.startsWith('gpgsig'))
  return {
    payload: Buffer.from(signed.join('') + text.slice(body), 'latin1'),
    signatures: headers.filter((header) => header.startsWith('gpgsig ')).map(contentOf),
    committedAt: dateOf(headers.find((header) => header.startsWith('committer ')) ?? ''),
  }
}

/** Headers end at the first empty line. */
function endOfHeaders(text: string): number {
  const end = text.indexOf('\n\n')
  return end < 0 ? text.length : end + 1
}

function contentOf(header: string): string {
  return header.slice(header.indexOf(' ') + 1).replaceAll('\n ', '\n')
}

function dateOf(committer: string): number | null {
  const seconds = / (\d{1,12}) [+-]\d{4}\n$/.exec(committer)?.[1]
  return seconds === undefined ? null : Number(seconds)
}
