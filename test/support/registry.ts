import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { debianFile } from './debian.ts'
import { freePort } from './port.ts'
import { until } from './until.ts'

export interface Registry {
  /** `127.0.0.1:PORT`, the first part of image names; engines trust loopback addresses without TLS. */
  host: string
  /** Can be called again. */
  stop(): Promise<void>
}

/** A real registry (Debian's docker-registry) on a free loopback port, empty, gone when stopped or when we end. */
export async function startRegistry(): Promise<Registry> {
  const program = await debianFile('docker-registry', 'usr/bin/docker-registry')
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-registry-'))
  const host = `127.0.0.1:${await freePort()}`
  const config = join(dir, 'config.yml')
  await writeFile(
    config,
    `version: 0.1\nstorage: {filesystem: {rootdirectory: ${dir}/data}}\nhttp: {addr: '${host}'}\n`,
  )
  // The shell ends the registry when the pipe it reads closes, as it does when this process dies.
  const script = '"$@" </dev/null >/dev/null 2>&1 & read -r _; kill $!; wait'
  const shell = spawn('sh', ['-c', script, 'sh', program, 'serve', config], { stdio: ['pipe', 'ignore', 'ignore'] })
  const stop = () => end(shell, dir)
  try {
    await until(
      () =>
        fetch(`http://${host}/v2/`).then(
          ({ ok }) => ok,
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
