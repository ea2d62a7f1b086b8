import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { debianFile } from './debian.ts'
import { run } from './install.ts'
import { freePort } from './port.ts'
import { until } from './until.ts'

export interface Registry {
  /** `127.0.0.1:PORT`, the first part of image names; engines trust loopback addresses without TLS. */
  host: string
  /** Can be called again. */
  stop(): Promise<void>
}

export interface Account {
  username: string
  password: string
}

/**
 * A real registry (Debian's docker-registry) on a free loopback port, empty, gone when stopped or when we end. With an
 * account it answers only to that.
 */
export async function startRegistry(account?: Account): Promise<Registry> {
  const program = await debianFile('docker-registry', 'usr/bin/docker-registry')
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-registry-'))
  const host = `127.0.0.1:${await freePort()}`
  const config = join(dir, 'config.yml')
  const auth = account === undefined ? '' : `auth: {htpasswd: {realm: test, path: ${await passwords(account, dir)}}}\n`
  await writeFile(
    config,
    `version: 0.1\nstorage: {filesystem: {rootdirectory: ${dir}/data}}\nhttp: {addr: '${host}'}\n${auth}`,
  )
  // The shell ends the registry when the pipe it reads closes, as it does when this process dies.
  const script = '"$@" </dev/null >/dev/null 2>&1 & read -r _; kill $!; wait'
  const shell = spawn('sh', ['-c', script, 'sh', program, 'serve', config], { stdio: ['pipe', 'ignore', 'ignore'] })
  const stop = () => end(shell, dir)
  try {
    await until(
      () =>
        fetch(`http://${host}/v2/`).then(
          ({ status }) => status === (account ? 401 : 200),
          () => false,
        ),
      'the registry to answer',
    )
  } catch (cause) {
    await stop()
    throw cause
  }
  return { host, stop }
}

async function end(shell: ChildProcess, dir: string): Promise<void> {
  const ended = new Promise((resolve) => shell.once('exit', resolve))
  shell.stdin?.end()
  if (shell.exitCode === null) await ended
  await rm(dir, { recursive: true, force: true })
}

/** As `htpasswd -B` writes it, through the system's own crypt: the registry takes bcrypt only. */
async function passwords({ username, password }: Account, dir: string): Promise<string> {
  const salt = '$2y$05$0123456789012345678901'
  const hash = await run('perl', ['-e', 'print crypt($ARGV[0], $ARGV[1])', password, salt])
  const file = join(dir, 'htpasswd')
  await writeFile(file, `${username}:${hash}\n`)
  return file
}
