import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  blockAt,
  contains,
  covers,
  formatAddress,
  formatBlock,
  halves,
  isHostOf,
  overlap,
  parseAddress,
  parseBlock,
  parseSubnet,
  sizeOf,
} from '../../src/model/cidr.ts'

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const block = fc.tuple(address, fc.integer({ min: 0, max: 32 })).map(([at, prefix]) => blockAt(at, prefix))
const smallBlock = fc.tuple(fc.nat(1_023), fc.integer({ min: 22, max: 32 })).map(([at, bits]) => blockAt(at, bits))

describe('addresses and blocks', () => {
  it('read as they are written', () => {
    expect(parseAddress('10.201.3.4')).toBe(((10 * 256 + 201) * 256 + 3) * 256 + 4)
    expect(parseAddress('255.255.255.255')).toBe(2 ** 32 - 1)
    expect(parseBlock('10.201.3.4/16')).toEqual(parseBlock('10.201.0.0/16'))
    expect(parseBlock('0.0.0.0/0')).toEqual({ base: 0, prefix: 0 })
  })

  it.each(['', '10.0.0', '10.0.0.0.0', '256.0.0.1', '1.2.3.-4', '1.2.3.4 ', 'fd00::1', '1e1.0.0.0', '010.0.0.1'])(
    'refuse %j',
    (text) => expect(parseAddress(text)).toBeNull(),
  )

  it.each(['10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/1e1', '10.0.0.0/8/8', '/8', 'fd00::/64'])(
    'refuse the block %j',
    (text) => expect(parseBlock(text)).toBeNull(),
  )

  it('come back as they were', () => {
    fc.assert(fc.property(address, (one) => parseAddress(formatAddress(one)) === one))
    fc.assert(
      fc.property(block, (one) => {
        expect(parseBlock(formatBlock(one))).toEqual(one)
      }),
    )
  })
})

describe('blocks', () => {
  const addressesOf = ({ base, prefix }: { base: number; prefix: number }) =>
    Array.from({ length: sizeOf(prefix) }, (_, index) => base + index)

  it('contain exactly their addresses', () => {
    fc.assert(
      fc.property(block, address, (one, at) => contains(one, at) === (blockAt(at, one.prefix).base === one.base)),
    )
  })

  it('overlap exactly when they have an address in common', () => {
    fc.assert(
      fc.property(smallBlock, smallBlock, (a, b) => {
        expect(overlap(a, b)).toBe(addressesOf(a).some((at) => addressesOf(b).includes(at)))
      }),
    )
  })

  it('cover a block exactly when they contain all its addresses', () => {
    fc.assert(
      fc.property(smallBlock, smallBlock, (a, b) => {
        expect(covers(a, b)).toBe(addressesOf(b).every((at) => contains(a, at)))
      }),
    )
  })

  it('are written by their first address; that one and the last are no host', () => {
    expect(parseSubnet('10.20.0.0/24')).toEqual(parseBlock('10.20.0.0/24'))
    for (const text of ['10.20.0.1/24', '10.20.0.0', '10.20.0.0/33', '010.20.0.0/24'])
      expect(parseSubnet(text)).toBeNull()
    const subnet = parseSubnet('10.20.0.0/29')
    const hosts = subnet === null ? [] : addressesOf(subnet).filter((at) => isHostOf(subnet, at))
    expect(hosts.map(formatAddress)).toEqual([1, 2, 3, 4, 5, 6].map((last) => `10.20.0.${last}`))
  })

  it('have halves that are all of it, the lower one first', () => {
    const halvable = smallBlock.filter(({ prefix }) => prefix < 32)
    fc.assert(
      fc.property(halvable, (one) => {
        expect(halves(one).flatMap(addressesOf)).toEqual(addressesOf(one))
      }),
    )
  })
})
