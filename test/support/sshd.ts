import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { ensureProgram, run } from './install.ts'
import { freePort } from './port.ts'
import { temporaryFolder } from './temporary.ts'
import { until } from './until.ts'

export interface Sshd {
  port: number
  /** A private key that is let in. */
  key: string
  /** A file that holds the server's host key, under its address and port. */
  knownHosts: string
  /** Ends every connection there is, as a network that breaks does; new ones are taken. */
  dropConnections(): Promise<void>
  /** How many connections there are. */
  connections(): Promise<number>
  stop(): Promise<void>
}

/** A real OpenSSH server on a free loopback port, with a configuration, a host key and a login of its own. */
export async function startSshd(settings: string[] = []): Promise<Sshd> {
  const sshd = await ensureProgram('sshd', 'openssh-server')
  const folder = temporaryFolder()
  const place = (name: string) => join(folder.path, name)
  const port = await freePort()
  // Logins other than root read the list of keys themselves.
  chmodSync(folder.path, 0o755)
  mkdirSync('/run/sshd', { recursive: true })
  for (const key of ['host', 'login']) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', place(key)])
  copyFileSync(place('login.pub'), place('authorized'))
  writeFileSync(place('known_hosts'), `[127.0.0.1]:${port} ${readFileSync(place('host.pub'), 'utf8')}`)
  const own = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${place('host')}`,
    `AuthorizedKeysFile ${place('authorized')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
    'PermitRootLogin yes',
  ]
  // The first value of a keyword counts.
  writeFileSync(place('config'), [...settings, ...own, ''].join('\n'))
  const child = spawn(sshd, ['-D', '-e', '-f', place('config')], { stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => appendFileSync(place('log'), chunk))
  await until(() => answers(port), `sshd to answer (${place('log')})`)
  return {
    port,
    key: place('login'),
    knownHosts: place('known_hosts'),
    async dropConnections() {
      await run('pkill', ['-KILL', '-P', String(child.pid)])
    },
    async connections() {
      const found = await run('pgrep', ['-c', '-P', String(child.pid)]).catch(() => '0')
      return Number(found)
    },
    async stop() {
      await end(child)
      folder.remove()
    },
  }
}

/** Those that are connected have a process of their own each. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await run('pkill', ['-KILL', '-P', String(child.pid)]).catch(() => {})
  child.kill('SIGTERM')
  await ended
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => resolve(true)).once('error', () => resolve(false))
    socket.once('data', () => socket.destroy())
  })
}
