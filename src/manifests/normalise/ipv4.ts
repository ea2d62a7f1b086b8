/** A block of addresses: its first one as a number, and how many there are. */
export interface Block {
  first: number
  count: number
}

/** An IPv4 address as a number; null when the text is none. */
export function parseAddress(text: string): number | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(isByte)) return null
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}

/** A block in CIDR notation; null when the text is none, or names an address inside the block instead of its first. */
export function parseBlock(text: string): Block | null {
  const [, address = '', bits = ''] = /^([0-9.]+)\/([0-9]{1,2})$/.exec(text) ?? []
  const first = parseAddress(address)
  if (first === null || Number(bits) > 32) return null
  const count = 2 ** (32 - Number(bits))
  return first % count === 0 ? { first, count } : null
}

/** Whether `inner` lies in `outer`, all of it. */
export function contains(outer: Block, inner: Block): boolean {
  return inner.first >= outer.first && inner.first + inner.count <= outer.first + outer.count
}

/** Whether two blocks have an address in common. */
export function overlap(a: Block, b: Block): boolean {
  return a.first < b.first + b.count && b.first < a.first + a.count
}

/** Whether a container may have the address: the first and the last one of a subnet are nobody's. */
export function isHostOf(subnet: Block, address: number): boolean {
  return address > subnet.first && address < subnet.first + subnet.count - 1
}

function isByte(part: string): boolean {
  return /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256
}
