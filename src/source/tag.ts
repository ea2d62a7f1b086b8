import type { Objects } from './objects.ts'

/** A tag on a tag on a tag is followed so far. */
const MOST_TAGS = 10

/** What is followed leads to something that is no commit. */
export class NoCommit extends Error {}

/** The commit that an id leads to: its own, or the one that a tag of that id is on. Rejects with NoCommit. */
export async function commitOf(objects: Objects, id: string): Promise<string> {
  let found = id
  for (let tags = 0; tags <= MOST_TAGS; tags += 1) {
    const type = await objects.kindOf(found)
    if (type === 'commit') return found
    if (type !== 'tag') throw new NoCommit(`it leads to a ${type}`)
    found = targetOf(await objects.read(found, 'tag'))
  }
  throw new NoCommit(`it leads through more than ${MOST_TAGS} tags`)
}

function targetOf(tag: Uint8Array): string {
  const target = /^object ([0-9a-f]{40})\n/.exec(Buffer.from(tag).toString('latin1'))?.[1]
  if (target === undefined) throw new NoCommit('a tag on the way names no object')
  return target
}
