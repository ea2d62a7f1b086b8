import { expect, test } from 'vitest'
import type { Check } from '../../src/doctor/check.ts'
import { checkEngines } from '../../src/doctor/engines.ts'
import type { EngineFacts } from '../../src/engine/facts.ts'
import type { TrafficOptions } from '../../src/engine/traffic.ts'

const GIB = 1024 ** 3
const WELL: EngineFacts = {
  ...{ version: '28.0.0', apiVersion: '1.48', platform: 'linux/amd64', kind: 'plain', aheadMs: 40, forwards: true },
  ...{ warnings: [], freeBytes: 50 * GIB, dataFolder: '/var/lib/docker', taken: [] },
}

/** What is said of an engine that tells this of itself, but for what is well. */
async function said(
  facts: Partial<EngineFacts>,
  traffic: TrafficOptions | null = null,
): Promise<Pick<Check, 'name' | 'state'>[]> {
  const targets = () => ({ edge: { endpoint: { kind: 'unix' as const, path: '/run/docker.sock' }, traffic } })
  const patient = { engineFacts: async () => ({ ...WELL, ...facts }) }
  const checks = await checkEngines({ instance: 'holdfast', pool: '10.201.0.0/16', targets }, patient)
  const found = checks.filter(({ state }) => state !== 'ok')
  for (const { what, fix, state } of found) {
    expect(what).not.toBe('')
    expect(fix === null).toBe(state === 'skipped')
  }
  return found.map(({ name, state }) => ({ name, state }))
}

test.each<[string, Partial<EngineFacts>, [string, string][]]>([
  ['nothing', {}, []],
  ['that it is Docker Desktop', { kind: 'desktop' }, [['kind', 'warning']]],
  ['that it is rootless', { kind: 'rootless' }, [['kind', 'warning']]],
  ['a clock that is behind', { aheadMs: -6_000 }, [['clock', 'warning']]],
  ['a clock that is ahead', { aheadMs: 3_600_000 }, [['clock', 'warning']]],
  ['no forwarding', { forwards: false }, [['network', 'warning']]],
  [
    'no forwarding, in two ways',
    { forwards: false, warnings: ['WARNING: IPv4 forwarding is disabled'] },
    [['network', 'warning']],
  ],
  [
    'rules that do not hold',
    { warnings: ['WARNING: bridge-nf-call-iptables is disabled', 'WARNING: bridge-nf-call-ip6tables is disabled'] },
    [
      ['network', 'warning'],
      ['network', 'warning'],
    ],
  ],
  [
    'an open API',
    { warnings: ['WARNING: API is accessible on http://0.0.0.0:2375 without encryption.\n  Access to ...'] },
    [['warnings', 'warning']],
  ],
  ['a limit that its host cannot keep', { warnings: ['WARNING: No swap limit support'] }, []],
  ['a disk that is elsewhere', { freeBytes: null }, [['disk', 'skipped']]],
  ['a small disk', { freeBytes: GIB }, [['disk', 'warning']]],
  ['a full disk', { freeBytes: 1000 }, [['disk', 'failed']]],
])('of an engine that tells %s', async (_what, facts, expected) => {
  expect(await said(facts)).toEqual(expected.map(([part, state]) => ({ name: `engine edge ${part}`, state })))
})

test.each<[EngineFacts['kind'], string[]]>([
  ['plain', []],
  ['desktop', ['engine edge kind warning', 'engine edge traffic failed']],
  ['rootless', ['engine edge kind warning', 'engine edge traffic failed']],
])('a gateway works on an engine that is %s, or it is told that it cannot', async (kind, expected) => {
  const traffic = { image: 'holdfast-traffic', httpPort: 80, httpsPort: 443, trustedProxies: [] }
  expect((await said({ kind }, traffic)).map(({ name, state }) => `${name} ${state}`)).toEqual(expected)
})
