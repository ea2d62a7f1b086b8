import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { dockerConsole } from '../../src/engine/docker/console/console.ts'
import { type DockerOptions, dockerEngine } from '../../src/engine/docker/docker.ts'
import { parseEndpoint } from '../../src/engine/endpoint.ts'
import type { Engine, EngineEvent } from '../../src/engine/engine.ts'
import { consoleContract } from '../contract/console.contract.ts'
import { dockerWorld } from '../contract/docker-world.ts'
import { engineContract } from '../contract/engine.contract.ts'
import { Bench } from '../contract/world.ts'
import { appImage } from '../support/app.ts'
import { type Authority, makeAuthority } from '../support/certificates.ts'
import { type PrivateEngine, startPrivateEngine } from '../support/docker.ts'
import { freePort } from '../support/port.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { TRAFFIC } from '../support/traffic-image.ts'
import { until } from '../support/until.ts'

const IMAGE = 'remote/bare:1'
const folder = temporaryFolder()
let authority: Authority
let host: PrivateEngine
let tlsAddress: string
let certificates: string
let sshd: Sshd

/** One engine for all: by TLS on a port of its own, and behind an SSH server. */
beforeAll(async () => {
  authority = await makeAuthority(folder.path)
  const server = await authority.issue('server')
  certificates = await authority.issue('client')
  tlsAddress = `tcp://127.0.0.1:${await freePort()}`
  const files = [`--tlscacert=${server}/ca.pem`, `--tlscert=${server}/cert.pem`, `--tlskey=${server}/key.pem`]
  host = await startPrivateEngine({ args: ['-H', tlsAddress, '--tlsverify', ...files] })
  sshd = await startSshd()
  await appImage(host.socket, IMAGE, { kind: 'no-healthcheck' })
})
afterAll(async () => {
  await sshd?.stop()
  await host?.stop()
  folder.remove()
})

function tlsOptions(folder = certificates, address = tlsAddress): DockerOptions {
  return {
    endpoint: parseEndpoint(address, { certificates: folder }),
    instance: 'remote',
    traffic: TRAFFIC,
  }
}

function byTls(folder = certificates, address = tlsAddress): Engine {
  return dockerEngine(tlsOptions(folder, address))
}

interface Change {
  server?: Sshd
  user?: string
  socket?: string
  key?: string
  knownHosts?: string
}

function bySsh(change: Change = {}): Engine {
  return dockerEngine(sshOptions(change))
}

function sshOptions({ server = sshd, user = 'root', ...change }: Change = {}): DockerOptions {
  const { socket = host.socket, key = server.key, knownHosts = server.knownHosts } = change
  const address = `ssh://${user}@127.0.0.1:${server.port}${socket}`
  return {
    endpoint: parseEndpoint(address, { sshKey: key, knownHosts }),
    instance: 'remote',
    traffic: TRAFFIC,
  }
}

function failure(about: RegExp) {
  return expect.objectContaining({ handling: 'retry', message: expect.stringMatching(about) })
}

describe('over TLS', () => {
  engineContract('an engine over TLS', () => dockerWorld(host.socket, 'remote', byTls()))
  consoleContract('its console', () => ({ engine: byTls(), console: dockerConsole(tlsOptions()), image: IMAGE }))

  test('an engine whose certificate another authority signed is not trusted', async () => {
    const other = join(folder.path, 'other')
    mkdirSync(other)
    const foreign = await (await makeAuthority(other)).issue('client')
    await expect(byTls(foreign).about()).rejects.toEqual(failure(/was not signed by .*ca\.pem.*openssl s_client/))
  })

  test('a certificate of ours that the engine does not know is told from one of the engine', async () => {
    const other = join(folder.path, 'unknown')
    mkdirSync(other)
    const mixed = await (await makeAuthority(other)).issue('client')
    copyFileSync(join(certificates, 'ca.pem'), join(mixed, 'ca.pem'))
    await expect(byTls(mixed).about()).rejects.toEqual(failure(/refuses our certificate.*openssl x509/))
  })

  test('a certificate of ours that has expired', async () => {
    const expired = await authority.issue('expired-client', { days: -1 })
    await expect(byTls(expired).about()).rejects.toEqual(failure(/refuses our certificate.*openssl x509/))
  })

  test('files that are missing are named', async () => {
    const partial = await authority.issue('partial')
    rmSync(join(partial, 'key.pem'))
    await expect(byTls(partial).about()).rejects.toEqual(
      failure(/cannot be read: .*partial must hold ca.pem, cert.pem/),
    )
  })

  test('renewed files are taken up without a new start', async () => {
    const renewed = await authority.issue('renewed', { days: -1 })
    const engine = byTls(renewed)
    await expect(engine.about()).rejects.toThrow()
    for (const file of ['cert.pem', 'key.pem']) copyFileSync(join(certificates, file), join(renewed, file))
    expect((await engine.about()).platform).toContain('linux')
  })

  test('an engine whose certificate has expired', async () => {
    const home = await authority.issue('expired-server', { days: -1 })
    const read = (name: string) => readFileSync(join(home, name))
    const server = createTlsServer({ cert: read('cert.pem'), key: read('key.pem') }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await until(async () => server.listening, 'the server to listen')
    const address = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
    await expect(byTls(certificates, address).about()).rejects.toEqual(failure(/has expired: renew it/))
  })

  test('a port where nothing listens, and one that speaks no TLS', async () => {
    const nothing = `tcp://127.0.0.1:${await freePort()}`
    await expect(byTls(certificates, nothing).about()).rejects.toEqual(failure(/Nothing listens at 127.0.0.1/))
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await until(async () => server.listening, 'the server to listen')
    const plain = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
    await expect(byTls(certificates, plain).about()).rejects.toEqual(failure(/does not speak TLS/))
  })

  test('DOCKER_HOST does not overrule the address that was named', async () => {
    const before = process.env['DOCKER_HOST']
    onTestFinished(() => {
      if (before === undefined) delete process.env['DOCKER_HOST']
      else process.env['DOCKER_HOST'] = before
    })
    process.env['DOCKER_HOST'] = 'tcp://127.0.0.1:1'
    expect((await dockerEngine({ socketPath: host.socket, instance: 'remote' }).about()).platform).toContain('linux')
  })
})

describe('over SSH', () => {
  engineContract('an engine over SSH', () => dockerWorld(host.socket, 'remote', bySsh()))
  consoleContract('its console', () => ({ engine: bySsh(), console: dockerConsole(sshOptions()), image: IMAGE }))

  test('files of some megabytes arrive whole', async () => {
    const bench = benchOf(bySsh())
    const content = randomBytes(5_000_000)
    const volume = `${bench.stack}_big`
    await bench.do('create-files', { volume, image: IMAGE, files: { contents: { big: content.toString('base64') } } })
    expect((await bench.look()).volumes).toEqual([{ name: volume, ours: true, files: true }])
    const mounts = [{ kind: 'files' as const, volume, path: '', target: '/big' }]
    const container = await bench.run(IMAGE, { config: { mounts, command: ['md5sum', '/big/big'], entrypoint: [] } })
    await bench.seen(container, ({ state }) => state === 'exited')
    const sum = createHash('md5').update(content).digest('hex')
    expect(await bench.world.engine.logs(container, 1)).toEqual([`${sum}  /big/big`])
    await bench.clear()
  })

  test('C7 a connection that drops is made again: the next call works, events go on, and the gap is told', async () => {
    const engine = bySsh()
    const bench = benchOf(engine)
    const events: EngineEvent[] = []
    let gaps = 0
    const watching = new AbortController()
    onTestFinished(() => watching.abort())
    engine.watch({ onEvent: (event) => events.push(event), onGap: () => gaps++ }, watching.signal)
    let n = 10
    await until(async () => {
      await bench.create(IMAGE, { n: ++n })
      return events.length > 0
    }, 'the first event')

    await sshd.dropConnections()
    await until(async () => gaps > 0, 'the gap to be told')
    const container = await bench.run(IMAGE, { n: 2 })
    await until(async () => events.some((e) => e.container === container && e.action === 'start'), 'the start')
    await sshd.dropConnections()
    await until(async () => (await bench.look().catch(() => null)) !== null, 'a look after the drop', 5_000)
    await bench.clear()
  })

  test('a host whose key is not known is refused, and let in after what the error says was typed', async () => {
    const knownHosts = join(folder.path, 'known_hosts')
    const engine = bySsh({ knownHosts })
    const error: Error = await engine.about().catch((reason) => reason)
    expect(error).toEqual(failure(/host key of \[127\.0\.0\.1\]:\d+ \(SHA256:\S+\) is not known/))
    const command = /`(ssh-keyscan .*?)`/.exec(error.message)?.[1] ?? ''
    await promisify(execFile)('sh', ['-c', command])
    expect((await engine.about()).platform).toContain('linux')
  })

  test('a host whose key has changed is refused, and let in after what the error says was typed', async () => {
    const knownHosts = join(folder.path, 'changed_hosts')
    const other = readFileSync(`${sshd.key}.pub`, 'utf8')
    writeFileSync(knownHosts, `[127.0.0.1]:${sshd.port} ${other}`)
    const engine = bySsh({ knownHosts })
    const error: Error = await engine.about().catch((reason) => reason)
    expect(error).toEqual(failure(/is another one than known_hosts has\. Another machine may stand/))
    for (const [, command] of error.message.matchAll(/`(ssh-key.*?)`/g)) {
      await promisify(execFile)('sh', ['-c', command ?? ''])
    }
    expect((await engine.about()).platform).toContain('linux')
  })

  test('host keys that OpenSSH has hashed are found; a key that is revoked is refused', async () => {
    const knownHosts = join(folder.path, 'hashed_hosts')
    copyFileSync(sshd.knownHosts, knownHosts)
    await promisify(execFile)('ssh-keygen', ['-H', '-f', knownHosts])
    expect((await bySsh({ knownHosts }).about()).platform).toContain('linux')
    appendFileSync(knownHosts, `@revoked ${readFileSync(sshd.knownHosts, 'utf8')}`)
    await expect(bySsh({ knownHosts }).about()).rejects.toEqual(failure(/is revoked in known_hosts/))
  })

  test('a key that is not let in, one that is locked, and one that is not there', async () => {
    const keygen = (file: string, phrase: string) =>
      promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', phrase, '-f', file])
    const [stranger, locked] = [join(folder.path, 'stranger'), join(folder.path, 'locked')]
    await keygen(stranger, '')
    await keygen(locked, 'a passphrase')
    await expect(bySsh({ key: stranger }).about()).rejects.toEqual(failure(/lets root not in by SSH.*ssh-copy-id/))
    await expect(bySsh({ key: locked }).about()).rejects.toEqual(failure(/protected by a passphrase: `ssh-add/))
    await expect(bySsh({ key: '/no/key' }).about()).rejects.toEqual(failure(/There is no key at \/no\/key/))
  })

  test('an agent that holds the key lets us in', async () => {
    const socket = join(folder.path, 'agent')
    const { stdout } = await promisify(execFile)('ssh-agent', ['-a', socket])
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1])
    onTestFinished(() => void process.kill(pid))
    await promisify(execFile)('ssh-add', ['-q', sshd.key], { env: { ...process.env, SSH_AUTH_SOCK: socket } })
    const address = `ssh://root@127.0.0.1:${sshd.port}${host.socket}`
    const settings = { sshKey: '/no/key', knownHosts: sshd.knownHosts, agent: socket }
    const engine = dockerEngine({ endpoint: parseEndpoint(address, settings), instance: 'remote' })
    expect((await engine.about()).platform).toContain('linux')
  })

  test('an agent that does not answer is no obstacle when a key file is there', async () => {
    const address = `ssh://root@127.0.0.1:${sshd.port}${host.socket}`
    const settings = { sshKey: sshd.key, knownHosts: sshd.knownHosts, agent: '/no/agent' }
    const endpoint = parseEndpoint(address, settings)
    if (endpoint.kind !== 'ssh') throw new Error('it is SSH')
    const engine = dockerEngine({ endpoint: { ...endpoint, keys: ['/no/key', sshd.key] }, instance: 'remote' })
    expect((await engine.about()).platform).toContain('linux')
  })

  test('a socket that is not there, and one that the user may not use, name the command that tells which', async () => {
    const missing = failure(
      /socket \/no\/socket on 127.0.0.1 cannot be opened by root; `ssh -p \d+ root@127.0.0.1 ls -l \/no\/socket`/,
    )
    await expect(bySsh({ socket: '/no/socket' }).about()).rejects.toEqual(missing)
    await expect(bySsh({ user: 'nobody' }).about()).rejects.toEqual(
      failure(/opened by nobody.*`sudo usermod -aG docker nobody`/),
    )
  })

  test('a server that forwards no sockets', async () => {
    const strict = await startSshd(['AllowStreamLocalForwarding no'])
    onTestFinished(() => strict.stop())
    await expect(bySsh({ server: strict }).about()).rejects.toEqual(
      failure(/cannot be opened by root.*`AllowStreamLocalForwarding yes`/),
    )
  })

  test('an engine that takes the connection and says nothing is given up', async () => {
    const socket = join(folder.path, 'silent')
    const server = createServer(() => {}).listen(socket)
    onTestFinished(() => void server.close())
    const began = performance.now()
    await expect(bySsh({ socket }).about()).rejects.toEqual(failure(/cannot be used as a Docker engine/))
    expect(performance.now() - began).toBeLessThan(20_000)
  })

  test('a port where no SSH server listens', async () => {
    const nothing = { ...sshd, port: await freePort() }
    await expect(bySsh({ server: nothing }).about()).rejects.toEqual(failure(/Nothing listens for SSH at 127.0.0.1/))
  })
})

function benchOf(engine: Engine): Bench {
  const images = { good: IMAGE, bare: IMAGE, turnsUnhealthy: '', exits7: '', cannotStart: '', missing: '' }
  return new Bench({ engine, images, until, cleanup: async () => {} })
}
