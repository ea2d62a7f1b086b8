import { type Block, blockAt, formatBlock, overlap, parseBlock, sizeOf } from '../model/cidr.ts'
import { type Check, failed, ok, skipped, warning } from './check.ts'

/** The smallest network that is made here. */
const SUBNET_PREFIX = 24
const FIX = 'Set `pool` (--pool) to a block of addresses that nobody uses, such as 10.222.0.0/16'

/** Whether networks can get their subnets from the pool; `taken` are those of others, in CIDR notation. */
export function checkPool(name: string, pool: string, taken: string[]): Check {
  const block = parseBlock(pool)
  if (block === null) return skipped(name, `${pool} is no block of addresses`)
  const others = taken.flatMap((text) => parseBlock(text) ?? []).filter((other) => overlap(block, other))
  if (others.length === 0) return ok(name, `${pool} is free for networks`)
  const [free, all] = [countFree(block, others), sizeOf(block.prefix) / sizeOf(SUBNET_PREFIX)]
  const who = others.map(formatBlock).join(', ')
  if (free === 0) return failed(name, `${pool} is taken by ${who}: no network can be made`, FIX)
  return warning(
    name,
    `${pool} overlaps with ${who}: ${free} of ${all} subnets of it are free, and only these are used`,
    FIX,
  )
}

function countFree(pool: Block, others: Block[]): number {
  const all = sizeOf(pool.prefix) / sizeOf(SUBNET_PREFIX)
  const subnets = Array.from({ length: all }, (_, n) => blockAt(pool.base + n * sizeOf(SUBNET_PREFIX), SUBNET_PREFIX))
  return subnets.filter((subnet) => !others.some((other) => overlap(subnet, other))).length
}
