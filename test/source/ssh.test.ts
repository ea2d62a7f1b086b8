import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect, promisify } from 'node:util'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { SourceError } from '../../src/source/errors.ts'
import type { GitSourceOptions } from '../../src/source/git.ts'
import { parseLocation } from '../../src/source/location.ts'
import type { Source, SourceSettings } from '../../src/source/source.ts'
import { createRepo, type Repo } from '../support/git-repo.ts'
import type { GitSsh } from '../support/git-ssh.ts'
import { freePort } from '../support/port.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { until } from '../support/until.ts'
import { opener, text } from './bench.ts'
import { sharedSsh } from './places.ts'

const run = promisify(execFile)

let sshd: GitSsh
let folder: string
let repo: Repo
let open: (options?: Partial<GitSourceOptions>) => Source

beforeEach(async () => {
  const made = temporaryFolder()
  onTestFinished(made.remove)
  folder = made.path
  // Logins other than root read the repository themselves.
  chmodSync(folder, 0o755)
  sshd = await sharedSsh()
  sshd.resetCommands()
  onTestFinished(() => sshd.fail(null))
  repo = await createRepo(join(folder, 'config.git'))
  open = opener({ url: sshd.url(repo.path), directory: join(folder, 'copies'), ssh: trusted() })
})

/** What lets us in, with changes. */
function trusted(change: NonNullable<SourceSettings['ssh']> = {}): NonNullable<SourceSettings['ssh']> {
  return { key: sshd.key, knownHosts: sshd.knownHosts, ...change }
}

async function failure(source: Source): Promise<SourceError> {
  const error: unknown = await source.sync().catch((thrown: unknown) => thrown)
  if (!(error instanceof SourceError)) throw new Error(`expected a SourceError, got ${inspect(error)}`)
  return error
}

async function keyFile(name: string, passphrase: string): Promise<string> {
  const file = join(folder, name)
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', file])
  return file
}

/** The key that is let in, under another name and protected. */
async function lockedKey(passphrase: string): Promise<string> {
  const file = join(folder, 'locked')
  copyFileSync(sshd.key, file)
  chmodSync(file, 0o600)
  await run('ssh-keygen', ['-q', '-p', '-P', '', '-N', passphrase, '-f', file])
  return file
}

describe('a look over SSH', () => {
  test('is one connection with one command, also when it brings something new, and leaves nothing open', async () => {
    const before = await sshd.connections()
    await repo.commit({ 'a.yaml': 'one' }, 'one')
    const source = open({ timeoutMs: 120_000 })
    await source.sync()
    expect(sshd.commands()).toEqual([`git-upload-pack '${repo.path}'`])
    await source.sync()
    expect(sshd.commands()).toHaveLength(2)
    await until(async () => (await sshd.connections()) === before, 'the connections to be closed')
  })

  test('closes its connection after trouble', async () => {
    const before = await sshd.connections()
    await failure(open({ timeoutMs: 120_000 }))
    sshd.fail('exec cat > /dev/null')
    await failure(open({ timeoutMs: 1_500 }))
    await until(async () => (await sshd.connections()) === before, 'the connections to be closed')
  })

  test('takes a path with whatever a shell would make something of', async () => {
    const odd = await createRepo(join(folder, 'it\'s $(touch pwned) `touch pwned`; touch pwned & !x "y" \\z.git'))
    const commit = await odd.commit({ 'a.yaml': 'one' }, 'one')
    const url = `ssh://root@127.0.0.1:${new URL(sshd.url('/')).port}${encodeURI(odd.path)}`
    expect((await open({ url }).sync()).commit).toBe(commit)
    for (const place of [folder, '/root', process.cwd()]) expect(existsSync(join(place, 'pwned'))).toBe(false)
  })

  test('brings packs of many megabytes whole', async () => {
    const content = randomBytes(8_000_000)
    await repo.commit({ 'big.bin': content }, 'one')
    const snapshot = await open().sync()
    expect(content.equals(Buffer.from(await snapshot.read('big.bin', 9_000_000)))).toBe(true)
  })
})

describe('G6 the login', () => {
  test('a key that is not let in, one that is no key, one that is not there', async () => {
    const stranger = await keyFile('stranger', '')
    const spoilt = join(folder, 'spoilt')
    writeFileSync(spoilt, 'no key', { mode: 0o600 })
    for (const [key, says] of [
      [stranger, /lets root not in by SSH\. Add the public key to the repository as a deploy key, .* sshKeyFile/],
      [spoilt, /spoilt is no private key\. Add the public key/],
      ['/no/key', /There is no key at \/no\/key\. Add the public key/],
    ] as const) {
      const error = await failure(open({ ssh: trusted({ key }) }))
      expect(error.message).toMatch(says)
      expect(error.message).toContain(`Cannot read branch main of ${sshd.url(repo.path)}: `)
      expect(error.handling).toBe('terminal')
    }
  })

  test('a key that others can read is not used', async () => {
    const key = join(folder, 'open')
    copyFileSync(sshd.key, key)
    chmodSync(key, 0o640)
    const error = await failure(open({ ssh: trusted({ key }) }))
    expect(error.message).toContain(`Others can read ${key}, so it is not used: \`chmod 600 ${key}\``)
    await run('chmod', ['600', key])
    await repo.commit({ 'a.yaml': 'one' }, 'one')
    await open({ ssh: trusted({ key }) }).sync()
  })

  test('a protected key wants its passphrase, and no other', async () => {
    await repo.commit({ 'a.yaml': 'one' }, 'one')
    const key = await lockedKey('open sesame')
    const without = await failure(open({ ssh: trusted({ key }) }))
    expect(without.message).toMatch(/locked is protected by a passphrase: give its passphrase in .*sshPassphrase, or/)
    const wrong = await failure(open({ ssh: trusted({ key, passphrase: 'open barley' }) }))
    expect(wrong.message).toMatch(/locked is not opened by the passphrase that was given/)
    expect(inspect(wrong, { depth: 20 })).not.toContain('barley')
    expect(await text(await open({ ssh: trusted({ key, passphrase: 'open sesame' }) }).sync(), 'a.yaml')).toBe('one')
    expect((await open({ ssh: trusted({ passphrase: 'for nothing' }) }).sync()).subject).toBe('one')
  })

  test('without settings the key and the host keys are those of OpenSSH itself', async () => {
    await repo.commit({ 'a.yaml': 'one' }, 'one')
    mkdirSync(join(folder, '.ssh'))
    copyFileSync(sshd.key, join(folder, '.ssh/id_ed25519'))
    copyFileSync(sshd.knownHosts, join(folder, '.ssh/known_hosts'))
    const { HOME: home } = process.env
    onTestFinished(() => {
      process.env['HOME'] = home
    })
    process.env['HOME'] = folder
    expect((await open({ ssh: {} }).sync()).subject).toBe('one')
  })

  test('an agent that holds the key lets us in', async () => {
    await repo.commit({ 'a.yaml': 'one' }, 'one')
    const agent = join(folder, 'agent')
    const { stdout } = await run('ssh-agent', ['-a', agent])
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1])
    onTestFinished(() => void process.kill(pid))
    await run('ssh-add', ['-q', sshd.key], { env: { ...process.env, SSH_AUTH_SOCK: agent } })
    expect((await open({ ssh: { agent, key: '/no/key', knownHosts: sshd.knownHosts } }).sync()).subject).toBe('one')
  })
})

describe('G6 the host key', () => {
  /** Types the commands that the error names, in a folder where they can do no harm. */
  async function typeCommands(message: string): Promise<void> {
    for (const [, command] of message.matchAll(/`(ssh-key.*?)`/g)) await run('sh', ['-c', command ?? ''])
  }

  test('one that is not known is refused, and trusted after what the error says was typed', async () => {
    await repo.commit({ 'a.yaml': 'one' }, 'one')
    const knownHosts = join(folder, 'known_hosts')
    const source = open({ ssh: trusted({ knownHosts }) })
    const error = await failure(source)
    expect(error.message).toMatch(/host key of \[127\.0\.0\.1\]:\d+ \(SHA256:\S+\) is not known\. .*`ssh-keyscan/)
    expect(error.message).toContain(knownHosts)
    expect(error.handling).toBe('terminal')
    expect(sshd.commands()).toEqual([])
    await typeCommands(error.message)
    expect((await source.sync()).subject).toBe('one')
  })

  test('one that has changed is refused, with the file that holds the old one', async () => {
    await repo.commit({ 'a.yaml': 'one' }, 'one')
    const knownHosts = join(folder, 'changed')
    const { host } = new URL(sshd.url('/').replace('ssh:', 'http:'))
    writeFileSync(knownHosts, `${host.replace(/^(.*):/, '[$1]:')} ${readFileSync(`${sshd.key}.pub`, 'utf8')}`)
    const source = open({ ssh: trusted({ knownHosts }) })
    const error = await failure(source)
    expect(error.message).toMatch(/is another one than known_hosts has\. Another machine .*`ssh-keygen -R .*changed`/)
    expect(error.handling).toBe('terminal')
    await typeCommands(error.message)
    expect((await source.sync()).subject).toBe('one')
  })

  test('hashed names are found, revoked keys refused', async () => {
    await repo.commit({ 'a.yaml': 'one' }, 'one')
    const knownHosts = join(folder, 'hashed')
    copyFileSync(sshd.knownHosts, knownHosts)
    await run('ssh-keygen', ['-H', '-f', knownHosts])
    expect((await open({ ssh: trusted({ knownHosts }) }).sync()).subject).toBe('one')
    appendFileSync(knownHosts, `@revoked ${readFileSync(sshd.knownHosts, 'utf8')}`)
    expect((await failure(open({ ssh: trusted({ knownHosts }) }))).message).toMatch(/is revoked .* stands in .*hashed/)
  })
})

describe('G6 the server', () => {
  test('a repository that is not there, and one of somebody else', async () => {
    const missing = await failure(open({ url: sshd.url('/no/such.git') }))
    expect(missing.message).toMatch(
      /no such repository \("fatal: '\/no\/such\.git' does not appear .*Check the source's/,
    )
    expect(missing.handling).toBe('terminal')
    await run('chown', ['-R', 'nobody', repo.path])
    const others = await failure(open())
    expect(others.message).toMatch(/belongs to somebody else on the server .*safe\.directory/)
    expect(others.handling).toBe('terminal')
  })

  test('nothing listens; a name that nobody knows', async () => {
    const url = `ssh://root@127.0.0.1:${await freePort()}${repo.path}`
    const down = await failure(open({ url }))
    expect(down.message).toMatch(/Nothing listens for SSH at 127\.0\.0\.1, port \d+: try `ssh -p/)
    expect(down.handling).toBe('retry')
    const unknown = await failure(open({ url: 'ssh://git@no-such-host.invalid/x.git' }))
    expect(unknown.message).toMatch(/There is no host no-such-host\.invalid that this machine knows/)
    expect(unknown.handling).toBe('retry')
  })

  const words: [string, 'terminal' | 'retry', RegExp][] = [
    ['echo "sh: 1: git-upload-pack: not found" >&2; exit 127', 'terminal', /there is no git on the server \("sh: 1:/],
    ['printf "ERROR: Repository not found.\\n\\n" >&2; exit 1', 'terminal', /no such repository \("ERROR: Repository/],
    [
      'echo "ERROR: Permission to a/b.git denied" >&2; exit 1',
      'terminal',
      /the server forbids it .*Give the key the right/,
    ],
    [
      'printf "0021ERR access denied or no such\\n"',
      'terminal',
      /the server forbids it \("access denied or no such"\)/,
    ],
    ['echo "down for maintenance" >&2; exit 3', 'retry', /ended with code 3 \("down for maintenance"\)\. It is tried/],
    ['echo "Welcome to this host"; exit 0', 'terminal', /not a git repository; it says "Welcome to this host"/],
    ['kill -9 $PPID', 'retry', /the SSH connection was lost|ended with code/],
    ['exit 0', 'retry', /ended with code 0/],
  ]

  test.each(words)('that runs `%s`', async (script, handling, says) => {
    sshd.fail(script)
    const error = await failure(open())
    expect(error.message).toMatch(says)
    expect(error.handling).toBe(handling)
  })

  test('that breaks in the middle of a pack says why', async () => {
    await repo.commit({ 'a.bin': randomBytes(20_000) }, 'one')
    sshd.fail('sh -c "$SSH_ORIGINAL_COMMAND" | dd bs=1 count=1500 2> /dev/null; echo "disk failure" >&2; exit 5')
    const error = await failure(open())
    expect(error.message).toMatch(/ended with code 5 \(".*disk failure"\)\. It is tried again/)
    expect(error.handling).toBe('retry')
  })

  test('that lists its refs and ends is told from one that answers', async () => {
    const commit = await repo.commit({ 'a.yaml': 'one' }, 'one')
    sshd.fail(`git-upload-pack --http-backend-info-refs ${repo.path}`)
    const source = open()
    const error = await failure(source)
    expect(error.message).toMatch(/the pack arrived incomplete or damaged|the SSH connection was lost/)
    expect(error.handling).toBe('retry')
    sshd.fail(null)
    expect((await source.sync()).commit).toBe(commit)
  })

  test('a connection that drops in the middle is told, and the next look goes through', async () => {
    const commit = await repo.commit({ 'a.yaml': 'one' }, 'one')
    sshd.fail('exec cat > /dev/null')
    const source = open()
    const failed = failure(source)
    await until(async () => sshd.commands().length > 0, 'the command')
    await sshd.dropConnections()
    expect((await failed).message).toMatch(/the SSH connection was lost\. It is tried again/)
    sshd.fail(null)
    expect((await source.sync()).commit).toBe(commit)
  })
})

test.each([
  ['ssh://git@host/team/x.git', { host: 'host', port: 22, user: 'git', path: '/team/x.git' }],
  ['ssh://git@host:2222/x%20y.git', { host: 'host', port: 2222, user: 'git', path: '/x y.git' }],
  ['ssh://git@host/~sam/x.git', { path: '~sam/x.git' }],
  ['ssh://git@[::1]:22/x.git', { host: '::1', path: '/x.git' }],
  ['git@host:team/x.git', { host: 'host', port: 22, user: 'git', path: 'team/x.git' }],
  ['git@host:/srv/x.git', { path: '/srv/x.git' }],
  ['git@[::1]:x.git', { host: '::1', path: 'x.git' }],
])('%s is read', (url, expected) => {
  expect(parseLocation(url)).toMatchObject({ kind: 'ssh', shown: url, ...expected })
})

test.each([
  ['git@host:-oProxyCommand=x', /its path is no repository/],
  ['git@host:', /names no repository/],
  ['ssh://git@host', /names no repository/],
  ['ssh://git@-oProxyCommand=x/y.git', /its host is no name/],
  ['git@a`b`:x.git', /its host is no name/],
  ['-oX@host:x.git', /its user is no name/],
])('%s is refused', (url, says) => {
  expect(() => parseLocation(url)).toThrow(says)
})
