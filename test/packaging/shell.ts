import { spawn } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDockerCompose } from '../support/docker-compose.ts'
import { ensureProgram } from '../support/install.ts'

/** A shell as a person has it open: what is typed goes on where the last command left off. */
export interface Shell {
  /** Runs the lines to their end; resolves to what they printed. Rejects when the last of them fails. */
  type(lines: string): Promise<string>
}

/**
 * Opens one with `docker` for this engine, `home` as home directory, beginning in `folder`. `docker compose` is Debian's
 * docker-compose, and `docker build` takes `buildArguments` more.
 */
export async function openShell(at: {
  socket: string
  home: string
  folder: string
  buildArguments: string[]
}): Promise<Shell> {
  await ensureDockerCompose()
  const docker = await ensureProgram('docker', 'docker.io')
  const program = join(at.home, 'docker')
  const extra = at.buildArguments.map((one) => `'${one}'`).join(' ')
  writeFileSync(
    program,
    [
      '#!/bin/sh',
      'case $1 in',
      '  compose) shift; exec /usr/bin/docker-compose "$@" ;;',
      `  build) shift; exec ${docker} build ${extra} "$@" ;;`,
      `  *) exec ${docker} "$@" ;;`,
      'esac',
      '',
    ].join('\n'),
  )
  chmodSync(program, 0o755)
  let folder = at.folder
  const env = {
    ...process.env,
    ...{ HOME: at.home, PATH: `${at.home}:${process.env['PATH']}`, DOCKER_HOST: `unix://${at.socket}` },
    ...{ GIT_AUTHOR_NAME: 'Sam', GIT_AUTHOR_EMAIL: 'sam@example.org', GIT_CONFIG_GLOBAL: '/dev/null' },
    ...{ GIT_COMMITTER_NAME: 'Sam', GIT_COMMITTER_EMAIL: 'sam@example.org', GIT_CONFIG_NOSYSTEM: '1' },
  }
  return {
    async type(lines) {
      const ending = '\ncode=$?; pwd >&3; exit $code\n'
      const child = spawn('sh', ['-c', lines + ending], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
      const said = { text: '', folder: '' }
      child.stdio[1]?.on('data', (chunk: Buffer) => (said.text += chunk.toString()))
      child.stdio[2]?.on('data', (chunk: Buffer) => (said.text += chunk.toString()))
      child.stdio[3]?.on('data', (chunk: Buffer) => (said.folder += chunk.toString()))
      const code = await new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject))
      if (code !== 0) throw new Error(`exit code ${code} of:\n${lines}\n${said.text}`)
      folder = said.folder.trim()
      return said.text
    },
  }
}
