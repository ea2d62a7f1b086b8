import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LoadOptions } from '../../src/manifests/options.ts'
import { policyOf } from '../../src/manifests/policy/read.ts'
import { shown, toYaml } from '../../src/manifests/shown.ts'
import { makeRelease } from '../../src/model/release.ts'
import { secretTexts } from '../../src/model/secret-texts.ts'
import { openSops } from '../../src/sops/sops.ts'
import { makeAgeKey } from '../support/age.ts'
import { makeAuthority } from '../support/certificates.ts'
import { sopsEncrypt } from '../support/sops.ts'
import { temporaryFolder } from '../support/temporary.ts'
import {
  brief,
  bytes,
  type Files,
  listing,
  loadAll,
  loadFiles,
  loadShop,
  problemsOf,
  SECRETS,
  saidOf,
  shopOf,
  web,
  webOf,
} from './builders.ts'

const folder = temporaryFolder()
/** PEM of a certificate for shop.example.com and *.example.com, its key and authority, and the key of another one. */
const pem = { certificate: '', key: '', otherKey: '', ca: '' }

beforeAll(async () => {
  const authority = await makeAuthority(folder.path)
  const home = await authority.issue('shop', { for: 'DNS:shop.example.com,DNS:*.example.com' })
  const other = await authority.issue('other')
  pem.certificate = readFileSync(join(home, 'cert.pem'), 'utf8')
  pem.key = readFileSync(join(home, 'key.pem'), 'utf8')
  pem.ca = readFileSync(join(home, 'ca.pem'), 'utf8')
  pem.otherKey = readFileSync(join(other, 'key.pem'), 'utf8')
})
afterAll(folder.remove)

const SECRET = 'secrets: { tls: { file: ./tls.pem } }\n'
const routes = (list: string) => `x-holdfast: { routes: [${list}] }`
/** The certificate with its key, and each by itself, beside the Compose file. */
const beside = (): Files => ({
  'stacks/shop/tls.pem': `${pem.certificate}${pem.key}`,
  'stacks/shop/cert.pem': `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${pem.certificate}`,
  'stacks/shop/key.pem': pem.key,
  'stacks/shop/other-key.pem': pem.otherKey,
})

/** The service `web` with these routes and everything beside it. */
function made(list: string, sections = SECRET) {
  const stack = shopOf(web(`expose: [8080]\n${routes(list)}`, sections), beside())
  return { stack, routes: stack.services['web']?.routes ?? [] }
}

describe('a route', () => {
  test('has a host, a path, and the one port that the service exposes or publishes', () => {
    const service = webOf(
      `expose: ["8080/tcp"]\n${routes('{ host: Shop.Example.com, path: /api/ }, { host: "*.example.com" }')}`,
    )
    expect(service.routes).toEqual([
      { host: '*.example.com', path: '/', port: 8080 },
      { host: 'shop.example.com', path: '/api', port: 8080 },
    ])
    const published = webOf(`ports: ["81:8080", "82:8080"]\nexpose: [8080]\n${routes('{ host: a }')}`)
    expect(published.routes).toEqual([{ host: 'a', path: '/', port: 8080 }])
    const named = webOf(routes('{ host: a, port: 9000, protocol: http2 }, { host: b, port: 1, protocol: http }'))
    expect(named.routes).toEqual([
      { host: 'a', path: '/', port: 9000, speaks: 'http2' },
      { host: 'b', path: '/', port: 1 },
    ])
  })

  test('changes no container', () => {
    expect(webOf(routes('{ host: a, port: 1 }')).container).toEqual(webOf('').container)
  })

  test('with a certificate sends plain HTTP on, unless it is to be answered', () => {
    const { routes, stack } = made(
      '{ host: shop.example.com, tls: tls }, { host: b.example.com, tls: tls, redirect: false }',
    )
    const [b, shop] = routes
    expect(shop).toMatchObject({ redirect: true, certificate: { certificate: 'certificate.pem' } })
    expect(b).not.toHaveProperty('redirect')
    expect(b?.certificate).toEqual(shop?.certificate)
    const { name = '', volume = '' } = shop?.certificate ?? {}
    expect(name).toMatch(/^[0-9a-f]{12}$/)
    expect(volume).toBe(`shop_secret-${name}`)
    const content = Buffer.from(stack.files[volume]?.contents['certificate.pem'] ?? '', 'base64').toString()
    expect(content).toBe(`${pem.certificate}${pem.key}`)
    expect(stack.volumes).toEqual({})
  })

  test('takes the certificate from secrets, configs and files, with the key in it or apart, and it is the same one', () => {
    const config = 'configs: { c: { file: ./cert.pem } }\nsecrets: { k: { file: ./key.pem } }\n'
    const all = [
      made('{ host: shop.example.com, tls: tls }'),
      made('{ host: shop.example.com, tls: ./tls.pem }', ''),
      made('{ host: shop.example.com, tls: { certificate: ./cert.pem, key: ./key.pem } }', ''),
      made('{ host: shop.example.com, tls: { certificate: c, key: k } }', config),
    ]
    expect(new Set(all.map(({ routes }) => JSON.stringify(routes))).size).toBe(1)
  })

  test('takes what is encrypted, and trusts in it where nothing is opened', async () => {
    const age = await makeAgeKey()
    const text = web(routes('{ host: shop.example.com, port: 1, tls: ./tls.enc }'))
    const tls = await sopsEncrypt('binary', `${pem.certificate}${pem.key}`, { recipients: [age.recipient] })
    const files: Files = { 'stacks/shop/compose.yaml': text, 'stacks/shop/tls.enc': tls }
    const load = async (decrypt: LoadOptions) =>
      (await loadAll(listing(files), async (path) => bytes(files[path] ?? ''), { secrets: SECRETS, ...decrypt }))
        .stacks[0]
    const opened = await load({ decrypt: openSops([age.identity]) })
    expect(opened?.problems).toEqual([])
    const plain = made('{ host: shop.example.com, port: 1, tls: tls }')
    expect(opened?.stack?.services['web']?.routes).toEqual(plain.routes)
    const closed = await load({})
    expect([closed?.stack === null, brief(closed?.problems ?? [])]).toEqual([
      false,
      ['5:68 warning encrypted-not-opened'],
    ])
  })

  test('is known as the same under another key', () => {
    const text = web(`secrets: [tls]\n${routes('{ host: shop.example.com, port: 1, tls: tls }')}`, SECRET)
    const [one, other] = [SECRETS, { key: '6f'.repeat(32), id: '6f6f6f6f' }].map((secrets) => {
      const { stack } = loadShop(text, beside(), [], { secrets })
      return stack && makeRelease(stack, 'c', {})
    })
    expect(one?.digest).not.toBe(other?.digest)
    expect(one?.keyed?.keyless).toBe(other?.keyed?.keyless)
  })

  test('shows neither its key nor what follows from it', () => {
    const { stack, routes } = made('{ host: shop.example.com, tls: tls }')
    expect(secretTexts(stack).files).toEqual([`${pem.certificate}${pem.key}`])
    const text = toYaml(shown(stack, []))
    expect(text).toContain('shop.example.com')
    expect(text).not.toContain(routes[0]?.certificate?.name)
    expect(text).not.toContain(pem.key.split('\n')[1])
  })
})

describe('problems', () => {
  const PLAIN = 'warning secret-in-plain-text'

  test.each<[promise: string, list: string, problems: string[]]>([
    ['host with a scheme', '{ host: "https://a", port: 1 }', ['5:36 error wrong-value']],
    ['host with a port', '{ host: "a:80", port: 1 }', ['5:36 error wrong-value']],
    ['host with an underscore', '{ host: a_b, port: 1 }', ['5:36 error wrong-value']],
    ['wildcard inside', '{ host: a.*.com, port: 1 }', ['5:36 error wrong-value']],
    ['path without slash', '{ host: a, path: api, port: 1 }', ['5:45 error wrong-value']],
    ['path with a query', '{ host: a, path: "/?a=b", port: 1 }', ['5:45 error wrong-value']],
    ['path with a blank', '{ host: a, path: "/a b", port: 1 }', ['5:45 error wrong-value']],
    ['no host', '{ path: /, port: 1 }', ['5:28 error missing-key']],
    ['no port known', '{ host: a }', ['5:28 error missing-key']],
    ['other protocol', '{ host: a, port: 1, protocol: tcp }', ['5:58 error wrong-value']],
    ['redirect to nowhere', '{ host: a, port: 1, redirect: true }', ['5:48 error conflicting-keys']],
    [
      'twice',
      '{ host: a, port: 1 }, { host: A, path: /, port: 2 }',
      ['5:28 error route-conflict', '5:50 error route-conflict'],
    ],
    ['unknown secret', '{ host: a, port: 1, tls: tsl }', ['5:53 error unresolved-reference']],
    ['file that is missing', '{ host: a, port: 1, tls: ./none.pem }', ['5:53 error file-missing']],
    ['file outside', '{ host: a, port: 1, tls: ../../../x.pem }', ['5:53 error path-outside']],
    ['no certificate in it', '{ host: a, port: 1, tls: ./key.pem }', ['5:53 error route-certificate']],
    ['no key in it', '{ host: a, port: 1, tls: ./cert.pem }', ['5:53 error route-certificate']],
    [
      'key of another one',
      '{ host: a, port: 1, tls: { certificate: ./cert.pem, key: ./other-key.pem } }',
      ['5:85 error route-certificate'],
    ],
    [
      'certificate of another host',
      '{ host: b.org, port: 1, tls: ./tls.pem }',
      ['5:57 warning route-certificate', `5:57 ${PLAIN}`],
    ],
    ['wildcard', '{ host: "*.example.com", port: 1, tls: ./tls.pem }', [`5:67 ${PLAIN}`]],
  ])('%s', (_promise, list, problems) => {
    expect(problemsOf(routes(list), '', beside())).toEqual(problems)
  })

  test('several ports that could be meant', () => {
    expect(problemsOf(`expose: ["80-82"]\n${routes('{ host: a }')}`)).toEqual(['6:28 error missing-key'])
    expect(problemsOf(`expose: ["80/udp"]\n${routes('{ host: a }')}`)).toEqual(['6:28 error missing-key'])
  })

  test('a key that lies readable is judged as a secret, and once', () => {
    expect(problemsOf(routes('{ host: shop.example.com, port: 1, tls: tls }'), SECRET, beside())).toEqual([
      `6:12 ${PLAIN}`,
    ])
    const configs = 'configs: { c: { file: ./tls.pem } }\n'
    expect(problemsOf(routes('{ host: shop.example.com, port: 1, tls: c }'), configs, beside())).toEqual([
      `5:68 ${PLAIN}`,
    ])
  })

  test('the policy may demand that the key is encrypted', () => {
    const text = web(routes('{ host: shop.example.com, port: 1, tls: ./tls.pem }'))
    const options = { policy: policyOf({ plainSecrets: 'deny' }, []).policy }
    expect(brief(loadShop(text, beside(), [], options).problems)).toEqual(['5:68 error policy-plain-secret'])
  })

  test('a key behind a passphrase, and a certificate that was cut off', () => {
    const said = (text: string) =>
      loadShop(web(routes('{ host: a, port: 1, tls: ./t.pem }')), { 'stacks/shop/t.pem': text }).problems.map(
        ({ message }) => message,
      )
    const encrypted = pem.key.replaceAll('PRIVATE KEY', 'ENCRYPTED PRIVATE KEY')
    expect(said(pem.certificate + encrypted)).toEqual([expect.stringContaining('protected by a passphrase')])
    const cut = pem.certificate.replace(/\n[^\n]+\n-----END/, '\n-----END')
    expect(said(cut + pem.key)).toEqual(['`./t.pem` cannot be used for a route. A certificate in it cannot be read'])
    expect(said(pem.ca + pem.certificate + pem.key)).toEqual([expect.stringContaining('comes first')])
    expect(said(pem.certificate + pem.key + pem.otherKey)).toEqual([
      expect.stringContaining('more than one private key'),
    ])
  })

  test.each<[promise: string, lines: string, problems: string[]]>([
    ['job', `deploy: { mode: replicated-job }\n${routes('{ host: a, port: 1 }')}`, ['6:28 error job-routes']],
    ['no network', `network_mode: none\n${routes('{ host: a, port: 1 }')}`, ['6:19 error conflicting-keys']],
    [
      'port of its own',
      `ports: ["80:8080"]\n${routes('{ host: a }')}`,
      ['5:13 error port-conflict', '6:28 error port-conflict'],
    ],
    ['UDP port beside it', `ports: ["80:80/udp"]\n${routes('{ host: a, port: 1 }')}`, []],
    ['port for HTTPS that nobody needs', `ports: ["443:443"]\n${routes('{ host: a }')}`, []],
  ])('%s', (_promise, lines, problems) => {
    expect(problemsOf(lines)).toEqual(problems)
  })

  const targets = (traffic: 'off' | { http: number; https: number }): LoadOptions => ({ targets: { '': { traffic } } })

  test('the ports are those of the settings, and without a gateway there is none', () => {
    const file = web(`ports: ["80:8080", "81:8080"]\n${routes('{ host: a }')}`)
    const found = (options: LoadOptions) => brief(loadShop(file, {}, [], options).problems)
    expect(found(targets({ http: 81, https: 82 }))).toEqual(['5:24 error port-conflict', '6:28 error port-conflict'])
    expect(found(targets('off'))).toEqual(['6:28 error route-without-gateway'])
  })

  test('what two stacks want is a problem of both, unless they are on two targets', () => {
    const file = (host: string, more = '') =>
      web(`ports: ["8080:80"]\n${routes(`{ host: ${host} }`)}`.replace('8080', more || '8080'))
    expect(saidOf({ a: file('x.org', '1'), b: file('X.org', '2') })).toEqual({
      a: ['route-conflict: The route `x.org/` is also that of `web` of stack `b`'],
      b: ['route-conflict: The route `x.org/` is also that of `web` of stack `a`'],
    })
    expect(saidOf({ a: file('x.org', '1'), b: web('ports: ["80:80"]') })).toEqual({
      a: ['port-conflict: Requests of routes come in at port 80 of the host, which `web` of stack `b` publishes'],
      b: ['port-conflict: Port 80/tcp of the host is where requests of routes come in, as those of `web` of stack `a`'],
    })
    const elsewhere = (name: string) => `x-holdfast: { target: ${name} }\n`
    const one = web(routes('{ host: x.org, port: 1 }'), elsewhere('one'))
    const two = web(routes('{ host: x.org, port: 1 }'), elsewhere('two'))
    const files = { 'stacks/a/compose.yaml': one, 'stacks/b/compose.yaml': two }
    const { stacks } = loadFiles(files, undefined, { targets: { one: {}, two: {} } })
    expect(stacks.flatMap(({ problems }) => problems)).toEqual([])
  })
})
