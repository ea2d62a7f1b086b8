import { expect, it } from 'vitest'
import { parseRoutes } from '../../../src/engine/docker/routes.ts'

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                \n'
const row = (destination: string, mask: string) =>
  `eth0\t${destination}\t010200C0\t0003\t0\t0\t0\t${mask}\t0\t0\t0                      \n`

it('reads where the kernel has routes to', () => {
  const table = HEAD + row('000200C0', '00FFFFFF') + row('0000C90A', '0000FFFF') + row('0000000A', '000000FF')
  expect(parseRoutes(table)).toEqual(['192.0.2.0/24', '10.201.0.0/16', '10.0.0.0/8'])
})

it('leaves out the default route, whole or in the two halves of a VPN, and what is no route', () => {
  const table = HEAD + row('00000000', '00000000') + row('00000000', '00000080') + row('00000080', '00000080')
  expect(parseRoutes(`${table}\nsomething else\n`)).toEqual([])
})
