import { readFile } from 'node:fs/promises'
import { formatBlock } from '../../model/cidr.ts'

/** A VPN halves the default route in two; either leads everywhere and stands in nobody's way. */
const EVERYWHERE = 1

/** Subnets to which this machine has a route, in CIDR notation; none where the kernel does not say. */
export async function hostRoutes(): Promise<string[]> {
  try {
    return parseRoutes(await readFile('/proc/net/route', 'utf8'))
  } catch {
    return []
  }
}

/** Reads the kernel's table: after a line of titles, the second column is the destination, the eighth its mask. */
export function parseRoutes(table: string): string[] {
  const rows = table.split('\n').slice(1)
  return rows.flatMap((row) => {
    const columns = row.split('\t')
    const [base, mask] = [littleEndian(columns[1]), littleEndian(columns[7])]
    if (base === null || mask === null) return []
    const prefix = mask.toString(2).replaceAll('0', '').length
    return prefix <= EVERYWHERE ? [] : [formatBlock({ base, prefix })]
  })
}

function littleEndian(hex: string | undefined): number | null {
  const bytes = /^([0-9A-F]{2})([0-9A-F]{2})([0-9A-F]{2})([0-9A-F]{2})\s*$/i.exec(hex ?? '')
  return bytes === null ? null : Number.parseInt(`${bytes[4]}${bytes[3]}${bytes[2]}${bytes[1]}`, 16)
}
