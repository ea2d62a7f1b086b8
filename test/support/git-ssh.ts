import { appendFileSync, chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Sshd, startSshd } from './sshd.ts'
import { temporaryFolder } from './temporary.ts'

export interface GitSsh extends Sshd {
  /** Of a repository on this machine. */
  url(path: string): string
  /** The commands that logins asked for since the start or the last reset. */
  commands(): string[]
  resetCommands(): void
  /** A shell script in place of the command that is asked for, `$SSH_ORIGINAL_COMMAND`; null mends the server. */
  fail(script: string | null): void
}

/** A real OpenSSH server behind which git answers. */
export async function startGitSsh(settings: string[] = []): Promise<GitSsh> {
  const folder = temporaryFolder()
  chmodSync(folder.path, 0o755)
  const [gate, log, fault] = ['gate', 'commands', 'fault'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ]
  appendFileSync(log, '')
  const lines = [
    '#!/bin/sh',
    `echo "$SSH_ORIGINAL_COMMAND" >> ${log}`,
    `if [ -e ${fault} ]; then . ${fault}; exit; fi`,
    'exec sh -c "$SSH_ORIGINAL_COMMAND"',
  ]
  writeFileSync(gate, `${lines.join('\n')}\n`, { mode: 0o755 })
  const sshd = await startSshd([`ForceCommand ${gate}`, ...settings])
  return {
    ...sshd,
    url: (path) => `ssh://root@127.0.0.1:${sshd.port}${path}`,
    commands: () => readFileSync(log, 'utf8').split('\n').slice(0, -1),
    resetCommands: () => writeFileSync(log, ''),
    fail: (script) => (script === null ? rmSync(fault, { force: true }) : writeFileSync(fault, script)),
    async stop() {
      await sshd.stop()
      folder.remove()
    },
  }
}
