import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type AgeKey, makeAgeKey } from '../support/age.ts'
import { makeAuthority } from '../support/certificates.ts'
import { createRepo, type Repo } from '../support/git-repo.ts'
import { type GitServer, startGitServer } from '../support/git-server.ts'
import { type SshKey, signTip, sshKey } from '../support/signing.ts'
import { sopsEncrypt } from '../support/sops.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { web } from './compose.ts'
import { identities, seeStack, shell } from './engine.ts'
import { type Host, startHost } from './host.ts'

const TOKEN = 'a-token-of-the-forge'

let folder: ReturnType<typeof temporaryFolder>
let host: Host
let signer: SshKey
let key: AgeKey
/** A second repository, behind TLS and a token. */
let more: Repo
let server: GitServer

beforeEach(async () => {
  folder = temporaryFolder()
  signer = await sshKey(folder.path, 'signer')
  key = await makeAgeKey()
  const served = join(folder.path, 'served')
  mkdirSync(served)
  more = await createRepo(join(served, 'more.git'))
  const certificate = await (await makeAuthority(folder.path)).issue('server')
  const pem = (name: string) => readFileSync(join(certificate, name), 'utf8')
  const tls = { cert: pem('cert.pem'), key: pem('key.pem') }
  server = await startGitServer(served, { login: { user: 'x-access-token', password: TOKEN }, tls })
  write('signers', `sam@example.org ${signer.line}\n`)
  write('age.txt', key.file)
  write('token', `${TOKEN}\n`)
  writeSettings('{}')
  host = await startHost({ env: { HOLDFAST_SETTINGS: join(folder.path, 'holdfast.yaml') } })
})
afterEach(async () => {
  await host?.close()
  await server?.close()
  folder.remove()
})

function write(name: string, text: string): void {
  writeFileSync(join(folder.path, name), text, { mode: 0o600 })
}

function writeSettings(policy: string): void {
  write(
    'holdfast.yaml',
    `
sources:
  default: { allowedSignersFile: signers, ageKeyFile: age.txt }
  more: { url: "${server.url('more.git')}", caFile: ca.pem, tokenFile: token, poll: "* * * * * *" }
targets:
  default: { env: { PLACE: here } }
policy: ${policy}
`,
  )
}

const isSynced = async (stack: string, commit: string) => {
  const { latest, status } = host.store.stack(stack)
  return latest?.commit === commit && status?.sync === 'Synced' && status.health === 'Healthy'
}

it('S5 one file of settings: sources each with their own keys, variables of the target, a policy that is read again', async () => {
  const other = `${host.stack}-more`
  const commitMore = (parts: object) =>
    more.commit(
      { [`stacks/${other}/compose.yaml`]: JSON.stringify({ services: { web: web('app:1', { ...parts }) } }) },
      'x',
    )
  const first = await commitMore({})
  const secret = await sopsEncrypt('binary', 'hush', { recipients: [key.recipient] })
  const compose = {
    services: { web: web('app:1', { secrets: ['word'], environment: { PLACE: '$PLACE' } }) },
    secrets: { word: { file: './word' } },
  }
  await host.commit(compose, { [`stacks/${host.stack}/word`]: secret })
  const doubts = () => host.store.repository('default').problems.map(({ code }) => code)
  await host.eventually(async () => doubts().includes('untrusted-commit'), 'the word on the unsigned commit')
  await host.eventually(() => isSynced(other, first), 'the stack of the second repository')
  expect(await host.containers()).toEqual([])

  const signed = await signTip(host.repo, signer)
  await host.eventually(() => isSynced(host.stack, signed), 'the signed commit')
  const [replica] = await host.running()
  expect(await shell(host.docker, replica?.id, 'cat /run/secrets/word; echo " $PLACE"')).toBe('hush here')

  const asking = await commitMore({ pid: 'host' })
  await host.eventually(async () => host.store.stack(other).latest?.commit === asking, 'the commit that asks for more')
  expect(host.store.stack(other).latest?.blocked).toContain('asks for the processes of the host')
  writeSettings(`{ stacks: { ${other}: { hostNamespaces: [pid] } } }`)
  host.hangUp()
  await host.eventually(() => isSynced(other, asking), 'what is allowed now')
  expect((await seeStack(host.docker, other)).filter(({ state }) => state === 'running')).toHaveLength(1)
  expect(identities(await host.running())).toEqual(identities(replica ? [replica] : []))
  expect(host.output()).not.toContain(TOKEN)
}, 180_000)
