/** What is wanted of a commit object. */
export interface Commit {
  /** Id of its root folder. */
  tree: string
  /** The author's name. */
  author: string
  /** First line of the message. */
  subject: string
}

/** Reads a commit object, `git cat-file commit`. Throws when it is none. */
export function parseCommit(raw: Uint8Array): Commit {
  const text = Buffer.from(raw).toString('utf8')
  const tree = /^tree ([0-9a-f]{40})\n/.exec(text)?.[1]
  if (tree === undefined) throw new Error('a commit without a tree')
  const end = text.indexOf('\n\n')
  const headers = end < 0 ? text : text.slice(0, end)
  const message = end < 0 ? '' : text.slice(end + 2)
  const author = /^author (.*?) ?</m.exec(headers)?.[1] ?? ''
  return { tree, author, subject: message.trimStart().split('\n', 1)[0] ?? '' }
}
