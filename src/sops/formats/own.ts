import type { Branch, Written } from '../tree.ts'

/** The key under which SOPS keeps what it adds. */
const OWN = 'sops'

/** What belongs to the owner of the file. */
export function withoutOwn(root: Branch): Branch {
  return new Map<string, Written>([...root].filter(([key]) => key !== OWN))
}

/** What SOPS added; null when there is nothing. */
export function ownOf(root: Branch): Branch | null {
  const own = root.get(OWN)
  return own instanceof Map ? own : null
}
