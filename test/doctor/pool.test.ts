import { expect, test } from 'vitest'
import { checkPool } from '../../src/doctor/pool.ts'

test.each([
  ['nobody', [], 'ok', /is free for networks/],
  ['others beside it', ['10.200.0.0/16', '192.168.0.0/24'], 'ok', /is free for networks/],
  ['one network in it', ['10.201.7.0/26'], 'warning', /overlaps with 10\.201\.7\.0\/26: 255 of 256 subnets/],
  ['half of it, said twice', ['10.201.0.0/17', '10.201.0.0/18'], 'warning', /: 128 of 256 subnets/],
  ['a VPN to all of it', ['10.0.0.0/8'], 'failed', /is taken by 10\.0\.0\.0\/8: no network can be made/],
  ['two halves', ['10.201.0.0/17', '10.201.128.0/17'], 'failed', /no network can be made/],
])('a pool of which addresses are taken by %s', (_who, taken, state, what) => {
  const check = checkPool('pool', '10.201.0.0/16', taken)
  expect(check).toMatchObject({ name: 'pool', state, what: expect.stringMatching(what) })
  expect(check.fix === null).toBe(state === 'ok')
})
