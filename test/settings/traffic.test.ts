import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { EngineOptions } from '../../src/cli/adapters.ts'
import { openEngines } from '../../src/cli/engines.ts'
import { emptyWorld } from '../../src/decide/simulation/world.ts'
import { modelEngine } from '../../src/engine/model/engine.ts'
import type { Flags } from '../../src/settings/flags.ts'
import { readSettings } from '../../src/settings/read.ts'
import { version } from '../../src/version.ts'
import { temporaryFolder } from '../support/temporary.ts'

/** What a settings file with this text comes to for each target. */
function trafficOf(text: string, flags: Flags = {}) {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const settings = join(folder.path, 'holdfast.yaml')
  writeFileSync(settings, text)
  const targets = Object.entries(readSettings({ settings, ...flags }, {}).targets())
  return Object.fromEntries(targets.map(([name, { traffic }]) => [name, traffic]))
}

const DEFAULTS = { image: `holdfast-traffic:${version()}`, httpPort: 80, httpsPort: 443, trustedProxies: [] }

test('without a word there is a gateway, from the image of this version', () => {
  expect(trafficOf('')).toEqual({ '': DEFAULTS })
})

test('what a target says itself comes before what holds for all', () => {
  const text = `
traffic: off
trafficImage: registry.example.org/traffic:1
httpPort: 8080
trustedProxies: [10.0.0.0/8, 192.0.2.7, "fd00::/8"]
targets:
  default: {}
  edge: { engine: /s, traffic: on, httpsPort: 8443, trustedProxies: [] }
  dark: { engine: /s, traffic: false }
`
  const image = 'registry.example.org/traffic:1'
  expect(trafficOf(text)).toEqual({
    '': null,
    edge: { image, httpPort: 8080, httpsPort: 8443, trustedProxies: [] },
    dark: null,
  })
  const flags = { traffic: 'on', trafficImage: 'mine:2' }
  const trustedProxies = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8']
  expect(trafficOf(text, flags)['']).toEqual({ ...DEFAULTS, image: 'mine:2', httpPort: 8080, trustedProxies })
  expect(trafficOf(text, { traffic: '' })['']).toBe(null)
})

test.each([
  ['httpPort: 443', /holdfast\.yaml:1:11: Port 443 is to be that of HTTP and of HTTPS/],
  ['targets: { default: { httpsPort: 80 } }', /holdfast\.yaml:1:34: Port 80/],
  ['trustedProxies: [10.0.0.0/8, 10.0.0.0/33]', /holdfast\.yaml:1:30: "10\.0\.0\.0\/33" is no address/],
  ['trustedProxies: ["10.0.0.1 } bind"]', /is no address and no block/],
  ['trustedProxies: ["::1/64/2"]', /is no address and no block/],
  ['traffic: maybe', /must be one of on, off/],
  ['httpPort: 0', /must be at least 1/],
  ['trafficImage: "a b"', /cannot be `trafficImage`/],
])('%s is refused where it stands', (text, why) => {
  expect(() => trafficOf(text)).toThrow(why)
})

test('engines are opened with what their targets say', () => {
  const targets = ['one=/s', 'two=/t']
  const opened: EngineOptions[] = []
  const openEngine = (options: EngineOptions) => {
    opened.push(options)
    return modelEngine(emptyWorld())
  }
  openEngines(readSettings({ target: targets, trafficImage: 'mine:2' }, {}), { openEngine })
  expect(opened.map(({ traffic }) => traffic?.image)).toEqual(['mine:2', 'mine:2'])
  openEngines(readSettings({ target: targets, traffic: 'off' }, {}), { openEngine })
  expect(opened.slice(2).map(({ traffic }) => traffic)).toEqual([null, null])
})

test('--traffic is on or off', () => {
  expect(() => readSettings({ traffic: 'yes' }, {})).toThrow('"yes" is neither on nor off. Write --traffic on')
})
