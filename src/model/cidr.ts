/** IPv4 addresses as numbers from 0 to 2³² − 1, and the blocks they lie in. */
export interface Block {
  /** The first address. */
  base: number
  /** How many of the 32 bits all its addresses have in common. */
  prefix: number
}

const SPACE = 2 ** 32
/** Of a subnet smaller than this, 16 addresses, a half is too little for either side. */
const SMALLEST_TO_HALVE = 28

/** Reads `10.201.0.0/16`; the bits beyond the prefix are dropped. Null for what is no IPv4 block. */
export function parseBlock(text: string): Block | null {
  const [address = '', prefix = '', ...rest] = text.split('/')
  const first = parseAddress(address)
  if (first === null || rest.length > 0 || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32) return null
  return blockAt(first, Number(prefix))
}

/** Whether a part of a network's addresses is left to us: its lower half, where the engine gives those of the upper one. */
export function isHalved({ prefix }: Block): boolean {
  return prefix <= SMALLEST_TO_HALVE
}

/** As people have to write a block: by its first address. Null for anything else. */
export function parseSubnet(text: string): Block | null {
  const block = parseBlock(text)
  return block !== null && parseAddress(text.split('/')[0] ?? '') === block.base ? block : null
}

export function formatBlock({ base, prefix }: Block): string {
  return `${formatAddress(base)}/${prefix}`
}

/** Null for what is no dotted IPv4 address. A leading zero is refused: some read it as octal. */
export function parseAddress(text: string): number | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(isByte)) return null
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}

function isByte(part: string): boolean {
  return /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256
}

export function formatAddress(address: number): string {
  return [2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(address / unit) % 256).join('.')
}

/** How many addresses a block of this prefix has. */
export function sizeOf(prefix: number): number {
  return SPACE / 2 ** prefix
}

/** The block of this prefix in which the address lies. */
export function blockAt(address: number, prefix: number): Block {
  return { base: address - (address % sizeOf(prefix)), prefix }
}

export function contains(block: Block, address: number): boolean {
  return address >= block.base && address < block.base + sizeOf(block.prefix)
}

/** Whether `inner` lies in `outer`, all of it. */
export function covers(outer: Block, inner: Block): boolean {
  return inner.prefix >= outer.prefix && contains(outer, inner.base)
}

/** Whether a container may have the address: the first and the last one of a subnet are nobody's. */
export function isHostOf(subnet: Block, address: number): boolean {
  return address > subnet.base && address < subnet.base + sizeOf(subnet.prefix) - 1
}

export function overlap(a: Block, b: Block): boolean {
  return contains(a, b.base) || contains(b, a.base)
}

/** The two halves of a block, the lower one first. */
export function halves({ base, prefix }: Block): [lower: Block, upper: Block] {
  const half = prefix + 1
  return [
    { base, prefix: half },
    { base: base + sizeOf(half), prefix: half },
  ]
}
