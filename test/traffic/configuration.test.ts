import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/model/traffic.ts'
import { configurationOf as withSettings } from '../../src/traffic/configuration.ts'
import { intactState } from '../../src/traffic/intact.ts'
import { factsOf, type GatewayState, stateFrom, withStack } from '../../src/traffic/state.ts'
import { portAt, routeAt, stateOf } from './state.ts'

const SETTINGS = { httpPort: 80, httpsPort: 443, trustedProxies: [] }
const configurationOf = (state: GatewayState, change = {}) => withSettings(state, { ...SETTINGS, ...change })
const PLACE = { address: '10.1.2.3', port: 80 }
const linesOf = (state: GatewayState) =>
  configurationOf(state)
    .text.split('\n')
    .map((line) => line.trim())
const binds = (...entries: Entry[]) =>
  linesOf(stateOf('shop', { entries })).filter((line) => /^bind (?!unix@)/.test(line))

describe('the configuration of the gateway', () => {
  it('has the state in it that it follows from', () => {
    const state = {
      ...stateOf('shop', {
        entries: [portAt(80), routeAt('shop.example.com', '/', { certificate: 'c0ffee' })],
        listed: { 'shop-web-1': { 80: PLACE } },
        certificates: { c0ffee: 'digest' },
      }),
      ...stateOf('blog', { entries: [portAt(81, { speaks: 'tcp' })], listed: { 'blog-web-1': {} } }),
    }
    expect(stateFrom(linesOf(state).filter((line) => line.startsWith('#@ ')))).toEqual(state)
  })

  it('leaves out what was damaged in it, and nothing else', () => {
    const [first = '', ...others] = factsOf(stateOf('shop', { entries: [portAt(80), portAt(81)] }))
    expect(stateFrom([first.slice(0, -3), '#@ 12', '#@ {"stack":"shop"}', ...others])).toEqual(
      stateOf('shop', { entries: [portAt(81)] }),
    )
  })

  it('is the same whatever the order in which things came', () => {
    const one = stateOf('shop', { entries: [portAt(80), portAt(81)], listed: { a: { 80: PLACE, 81: PLACE }, b: {} } })
    const other = stateOf('shop', { entries: [portAt(81), portAt(80)], listed: { b: {}, a: { 81: PLACE, 80: PLACE } } })
    const blog = stateOf('blog', { entries: [portAt(82)] })
    expect(configurationOf({ ...one, ...blog }).text).toBe(configurationOf({ ...blog, ...other }).text)
  })

  it('has the same structure as long as only servers change', () => {
    const structure = (entry: Entry, listed = {}) =>
      configurationOf(stateOf('shop', { entries: [entry], listed })).structure
    const before = structure(portAt(80))
    expect(structure(portAt(80), { 'shop-web-1': { 80: PLACE } })).toBe(before)
    const changed = [
      portAt(81),
      portAt(80, { address: '::1' }),
      portAt(80, { proxyProtocol: true }),
      portAt(80, { speaks: 'tcp' }),
    ]
    for (const entry of changed) expect(structure(entry)).not.toBe(before)
  })

  it('listens where an entry says, and on both kinds of address where it says nothing', () => {
    expect(binds(portAt(80, { address: '127.0.0.1' }))).toEqual(['bind 127.0.0.1:80'])
    expect(binds(portAt(80, { address: 'fd00::1' }))).toEqual(['bind [fd00::1]:80'])
    expect(binds(portAt(80))).toEqual(['bind 0.0.0.0:80', 'bind [::]:80 v6only'])
    expect(binds()).toEqual([])
  })

  it('believes proxies that are named, and nobody else', () => {
    const about = (trustedProxies: string[]) =>
      configurationOf(stateOf('shop', { entries: [portAt(80, { speaks: 'http' })] }), { trustedProxies }).text
    expect(about([])).toContain('http-request del-header x-forwarded- -m beg\n')
    expect(about(['10.0.0.0/8', 'fd00::/8'])).toContain('acl trusted src fd00::/8')
    expect(about(['10.0.0.0/8'])).toContain('http-request del-header x-forwarded- -m beg if !trusted\n')
    expect(about([])).not.toContain('trusted')
  })

  it('never keeps two names apart by what they may not have', () => {
    const entries = [portAt(80, { name: 'a/b' }), portAt(81, { name: 'a_2fb' }), portAt(82, { name: 'a:b' })]
    const lines = linesOf(stateOf('shop', { entries }))
    const names = lines.filter((line) => /^(backend|frontend) /.test(line)).map((line) => line.split(' ')[1])
    expect(new Set(names).size).toBe(names.length)
    const sockets = lines.filter((line) => line.startsWith('bind unix@'))
    expect(new Set(sockets).size).toBe(sockets.length)
  })

  it('takes a host and a path as one word each, whatever is in them', () => {
    const lines = linesOf(stateOf('shop', { entries: [routeAt('shop.example.com', "/it's } #")] }))
    expect(lines.filter((line) => line.includes('-m beg'))).toEqual([
      expect.stringContaining(`{ path,concat(/) -m beg '/it'\\''s } #/' }`),
      ...Array.from({ length: lines.filter((line) => line.includes('x-forwarded-')).length }, () => expect.anything()),
    ])
  })

  it('asks for exact hosts before others, and for longer paths before shorter ones', () => {
    const entries = [
      routeAt('*.example.com', '/api/v2'),
      routeAt('a.example.com', '/'),
      routeAt('a.example.com', '/api'),
    ]
    const chosen = linesOf(stateOf('shop', { entries })).filter((line) => line.includes('set-var(txn.route)'))
    expect(chosen.map((line) => /str\(shop:(\S+):to:http\)/.exec(line)?.[1])).toEqual([
      'a.example.com_2fapi',
      'a.example.com_2f',
      '_2a.example.com_2fapi_2fv2',
    ])
  })

  it('listens for HTTPS only where there is a certificate, which is named for its host', () => {
    expect(binds(routeAt('a.example.com', '/'))).toEqual(['bind 0.0.0.0:80', 'bind [::]:80 v6only'])
    const entries = [routeAt('a.example.com', '/', { certificate: 'c0ffee' }), routeAt('b.example.com', '/')]
    const { lists, text } = configurationOf(stateOf('shop', { entries }), { httpPort: 8080, httpsPort: 8443 })
    expect(Object.values(lists)).toEqual(['/var/lib/holdfast/certificates/c0ffee.pem a.example.com\n'])
    expect(text).toContain('bind 0.0.0.0:8443 ssl crt-list /var/lib/holdfast/certificates/')
  })
})

it('a stack of which nothing is left leaves nothing behind', () => {
  const state = stateOf('shop', { entries: [portAt(80)] })
  expect(withStack(state, 'shop', { entries: [], listed: {}, certificates: { c0ffee: 'digest' } })).toEqual({})
})

it('a route whose certificate is not there as it was brought is missed, and its certificate with it', () => {
  const entries = [
    routeAt('a.example.com', '/', { certificate: 'a' }),
    routeAt('b.example.com', '/', { certificate: 'b' }),
  ]
  const state = stateOf('shop', { entries, certificates: { a: '1', b: '2' } })
  expect(intactState(state, { 'a.pem': '1', 'b.pem': '2' })).toEqual(state)
  expect(intactState(state, { 'a.pem': '1', 'b.pem': 'other' })).toEqual(
    stateOf('shop', { entries: entries.slice(0, 1), certificates: { a: '1' } }),
  )
})
