import { execFile } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { emptyRecord } from '../../src/model/record.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { debianFile } from '../support/debian.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { folder } from './folder.ts'
import { holdfast } from './program.ts'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** What is offered for the last of the words. */
async function offered(words: string[], env: Record<string, string> = {}): Promise<string[]> {
  const { code, out, err } = await holdfast(['__complete', '--', ...words], env)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out.split('\n').slice(0, -1)
}

const texts = (lines: string[]) => lines.map((line) => line.split('\t')[0])

/** A data directory where a stack `shop` is known, and one release of it was stable. */
function dataWithShop(): string {
  const made = temporaryFolder()
  onTestFinished(made.remove)
  const store = openStore(made.path)
  const services = { web: { ready: 1, wanted: 2 }, db: { ready: 1, wanted: 1 } }
  store.save('shop', {
    record: emptyRecord(),
    latest: null,
    status: { sync: 'Synced', health: 'Healthy', message: '', services },
  })
  store.append({ stack: 'shop', kind: 'stable', release: 'ab12cd34'.repeat(8), message: '', logs: [] })
  store.close()
  return made.path
}

describe('what is offered', () => {
  test('commands with their meaning, those that fit, and no hidden ones', async () => {
    expect(texts(await offered(['']))).toEqual(expect.arrayContaining(['init', 'plan', 'logs', 'help']))
    expect(texts(await offered(['']))).not.toContain('__complete')
    expect(await offered(['sy'])).toEqual([expect.stringMatching(/^sync\tlook at the repository now/)])
    expect(texts(await offered(['help', 're']))).toEqual(
      ['render', 'rollback', 'retry', 'resume'].filter((n) => n.startsWith('re')),
    )
  })

  test('options that were not given yet, and the values they take', async () => {
    const options = texts(await offered(['plan', '--json', '--']))
    expect(options).toEqual(expect.arrayContaining(['--adopt', '--repo', '--help']))
    expect(options).not.toContain('--json')
    expect(await offered(['validate', '--format', ''])).toEqual(['text', 'json', 'sarif'])
    expect(await offered(['run', '--data', ''])).toEqual([':folders'])
    expect(await offered(['run', '--key-file', ''])).toEqual([':files'])
    expect(await offered(['validate', ''])).toEqual([':folders'])
    expect(await offered(['completion', ''])).toEqual(['bash', 'zsh', 'fish'])
  })

  test('names of stacks, services, slots and releases, from the data directory that is meant', async () => {
    const data = dataWithShop()
    const env = { HOLDFAST_DATA: data }
    expect(await offered(['plan', ''], env)).toEqual(['shop\tSynced, Healthy'])
    expect(await offered(['plan', '--data', data, 's'])).toEqual(['shop\tSynced, Healthy'])
    expect(texts(await offered(['logs', '-f', '--tail', '5', 'shop', ''], env))).toEqual([
      'db',
      'web',
      'web.1',
      'web.2',
    ])
    expect(texts(await offered(['logs', 'shop', 'db', 'w'], env))).toEqual(['web', 'web.1', 'web.2'])
    expect(texts(await offered(['rollback', 'shop', ''], env))).toEqual(['ab12cd34'])
    expect(await offered(['exec', 'shop', 'web', ''], env)).toEqual([':files'])
  })

  test('nothing, where there is no data directory or the command is unknown', async () => {
    expect(await offered(['plan', ''], { HOLDFAST_DATA: '/no/such' })).toEqual([])
    expect(await offered(['nosuch', ''])).toEqual([])
    expect(await offered(['status', '--settings', '/no/such', ''])).toEqual([])
  })
})

describe('in a shell', () => {
  /** A folder with a program called `holdfast`, and the scripts. */
  async function shellFolder(): Promise<{ dir: string; env: Record<string, string> }> {
    const dir = folder({})
    writeFileSync(join(dir, 'holdfast'), `#!/bin/sh\nexec ${process.execPath} ${MAIN} "$@"\n`)
    chmodSync(join(dir, 'holdfast'), 0o755)
    for (const shell of ['bash', 'zsh', 'fish']) {
      writeFileSync(join(dir, `script.${shell}`), (await holdfast(['completion', shell])).out)
    }
    return { dir, env: { PATH: `${dir}:${process.env['PATH']}`, HOME: dir, HOLDFAST_DATA: dataWithShop() } }
  }

  async function say(program: string, args: string[], env: Record<string, string>): Promise<string[]> {
    const { stdout } = await promisify(execFile)(program, args, { env, cwd: env['HOME'] })
    return stdout.split('\n').slice(0, -1)
  }

  test('bash completes commands, options, stacks and services', async () => {
    const { env } = await shellFolder()
    const script =
      'source script.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _holdfast; printf "%s\\n" "${COMPREPLY[@]}"'
    const complete = (...words: string[]) => say('bash', ['--norc', '-c', script, 'bash', 'holdfast', ...words], env)
    expect(await complete('roll')).toEqual(['rollback'])
    expect(await complete('logs', 'shop', 'web.')).toEqual(['web.1', 'web.2'])
    expect(await complete('plan', '--ad')).toEqual(['--adopt'])
    expect(await say('bash', ['--norc', '-c', 'source script.bash; complete -p holdfast'], env)).toEqual([
      'complete -F _holdfast holdfast',
    ])
  })

  describe('of those that are not installed everywhere', () => {
    let zsh: string
    let fish: string
    let libraries: string
    beforeAll(async () => {
      zsh = await debianFile('zsh', 'bin/zsh')
      fish = await debianFile('fish', 'usr/bin/fish')
      const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
      libraries = dirname(await debianFile('libpcre2-32-0', `usr/lib/${architecture}-linux-gnu/libpcre2-32.so.0`))
    })

    test('zsh', async () => {
      const { env } = await shellFolder()
      await say(zsh, ['-n', 'script.zsh'], env)
      // The functions of its completion system, as far as they are called: they print what they are given.
      const stubs =
        'compdef() { :; }; _describe() { print -l ${(P)2}; }; _files() { print files "$@"; }; source ./script.zsh'
      const complete = (...words: string[]) =>
        say(zsh, ['-f', '-c', `${stubs}; words=("$@"); CURRENT=$#; _holdfast`, 'zsh', 'holdfast', ...words], env)
      expect(await complete('logs', 'shop', 'web')).toEqual(['web:1 of 2 ready', 'web.1:web.1', 'web.2:web.2'])
      expect(await complete('roll')).toEqual([expect.stringMatching(/^rollback:go back to a release/)])
      expect(await complete('validate', '')).toEqual(['files -/'])
    })

    test('fish', async () => {
      const { env } = await shellFolder()
      const complete = (line: string) =>
        say(fish, ['-N', '-c', `source script.fish; complete -C '${line}'`], { ...env, LD_LIBRARY_PATH: libraries })
      expect(await complete('holdfast roll')).toEqual([expect.stringMatching(/^rollback\tgo back to a release/)])
      expect(texts(await complete('holdfast logs shop '))).toEqual(['db', 'web', 'web.1', 'web.2'])
      expect(texts(await complete('holdfast plan --ad'))).toEqual(['--adopt'])
    })
  })
})
