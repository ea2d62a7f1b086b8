/** IPv4 addresses as numbers from 0 to 2³² − 1, and the blocks they lie in. */
export interface Block {
  /** The first address. */
  base: number
  /** How many of the 32 bits all its addresses have in common. */
  prefix: number
}

const SPACE = 2 ** 32

/** Reads `10.201.0.0/16`; the bits beyond the prefix are dropped. Null for what is no IPv4 block. */
export function parseBlock(text: string): Block | null {
  const [address = '', prefix = '', ...rest] = text.split('/')
  const first = parseAddress(address)
  if (first === null || rest.length > 0 || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32) return null
  return blockAt(first, Number(prefix))
}

export function formatBlock({ base, prefix }: Block): string {
  return `${formatAddress(base)}/${prefix}`
}

/** Null for what is no dotted IPv4 address. */
export function parseAddress(text: string): number | null {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return null
  const bytes = text.split('.').map(Number)
  return bytes.every((byte) => byte < 256) ? bytes.reduce((sum, byte) => sum * 256 + byte, 0) : null
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
