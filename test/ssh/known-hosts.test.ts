import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { knownKeys } from '../../src/ssh/known-hosts.ts'
import { temporaryFolder } from '../support/temporary.ts'

const FILE = `
# a comment
web.example.org,192.0.2.7 ssh-ed25519 AAAAone
[web.example.org]:2222 ssh-rsa AAAAtwo ops@web
*.internal,!secret.internal ecdsa-sha2-nistp256 AAAAthree
@revoked web.example.org ssh-rsa AAAAbad
@cert-authority *.example.org ssh-rsa AAAAca
`

test.each([
  ['web.example.org', 22, ['AAAAone', 'AAAAbad']],
  ['WEB.example.org', 22, ['AAAAone', 'AAAAbad']],
  ['192.0.2.7', 22, ['AAAAone']],
  ['web.example.org', 2222, ['AAAAtwo']],
  ['web.example.org', 2223, []],
  ['db.internal', 22, ['AAAAthree']],
  ['secret.internal', 22, []],
])('%s, port %i has the keys %j', (host, port, keys) => {
  expect(knownKeys(FILE, host, port).map(({ key }) => key)).toEqual(keys)
})

test('a revoked key is told from the others', () => {
  const keys = knownKeys(FILE, 'web.example.org', 22)
  expect(keys).toMatchObject([{ revoked: false }, { revoked: true }])
})

test('hosts that OpenSSH itself has hashed are found, and no others', () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const [key, file] = [join(folder.path, 'key'), join(folder.path, 'known_hosts')]
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const [type, content] = readFileSync(`${key}.pub`, 'utf8').split(' ')
  writeFileSync(file, `web.example.org ${type} ${content}\n[127.0.0.1]:2200 ${type} ${content}\n`)
  execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' })
  const hashed = readFileSync(file, 'utf8')
  expect(hashed).not.toContain('example.org')
  expect(knownKeys(hashed, 'web.example.org', 22)).toEqual([{ type, key: content, revoked: false }])
  expect(knownKeys(hashed, '127.0.0.1', 2200)).toHaveLength(1)
  expect(knownKeys(hashed, '127.0.0.1', 22)).toEqual([])
})
