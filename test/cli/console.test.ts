import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { BASE_IMAGE, ensureBaseImage } from '../support/images.ts'
import { until } from '../support/until.ts'
import { type Bench, bench } from './bench.ts'
import { type Ended, holdfast, start } from './program.ts'
import { documented } from './schema.ts'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** Two replicas that write a line to either output and then one whenever somebody touches a file. */
const SCRIPT =
  'echo "out of $$HOSTNAME"; echo "err of $$HOSTNAME" >&2; while :; do [ -e /tmp/more ] && rm /tmp/more && echo more; sleep 0.1; done'
const service = (replicas: number, version: string) => ({
  image: BASE_IMAGE,
  pull_policy: 'never',
  command: ['sh', '-c', SCRIPT],
  environment: { VERSION: version },
  stop_grace_period: '0s',
  deploy: { replicas, update_config: { monitor: '1s' } },
})
const stack = (version = '1') => JSON.stringify({ services: { web: service(2, version), 'db.main': service(1, '1') } })

interface Line {
  stream: string
  time: string
}

/** The tests share one stack, in their order: what one of them leaves, the next one finds. */
const works: (() => void | Promise<void>)[] = []
let env: Bench['env']
let repo: Bench['repo']

afterAll(async () => {
  for (const work of works.reverse()) await work()
})

/** Runs the program with a terminal of its own, and types `input` once it printed `prompt`. */
async function inTerminal(
  args: string[],
  env: Record<string, string>,
  typing: [string, string][] = [],
): Promise<Ended> {
  const command = ['stty cols 100 rows 30;', process.execPath, MAIN, ...args].join(' ')
  const own = { PATH: process.env['PATH'] ?? '', TERM: 'xterm', ...env }
  const child = spawn('script', ['-qec', command, '/dev/null'], { env: own, stdio: ['pipe', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  const ended = once(child, 'close')
  for (const [prompt, input] of typing) {
    await until(async () => out.includes(prompt), `"${prompt}" in ${JSON.stringify(out)}`)
    child.stdin.write(input)
  }
  await ended
  return { code: child.exitCode, out, err: '' }
}

describe('logs and exec, as a person types them', { timeout: 120_000 }, () => {
  test('sync --json says that two services run, and nothing else', async () => {
    await ensureBaseImage(inject('engineSocket'))
    const made = await bench({ stack: 'console', later: (work) => void works.push(work) })
    env = made.env
    repo = made.repo
    await repo.commit({ 'stacks/console/compose.yaml': stack() }, 'two services')
    const synced = await holdfast(['sync', '--json'], env)
    expect(synced).toMatchObject({ code: 0, err: '' })
    expect(documented('result', synced.out)).toMatchObject({ outcome: 'as-asked', stacks: [{ outcome: 'as-asked' }] })
  })

  test('of replicas that run: in order, whose they are, outputs apart, followed across a rollout', async () => {
    const all = await holdfast(['logs', 'console'], env)
    expect(all.code).toBe(0)
    expect(all.out.split('\n').sort().slice(1)).toEqual([
      expect.stringMatching(/^db\.main\.1 \| out of /),
      expect.stringMatching(/^web\.1 {5}\| out of /),
      expect.stringMatching(/^web\.2 {5}\| out of /),
    ])
    expect(all.err.split('\n').sort().slice(1)).toEqual(
      all.out.replaceAll('out of', 'err of').split('\n').sort().slice(1),
    )
    expect((await holdfast(['logs', 'console', 'web.2', '--no-prefix'], env)).out).toMatch(/^out of \S+\n$/)
    expect((await holdfast(['logs', 'console', 'db.main', '-t'], env)).out).toMatch(/\| \d{4}-\S+\.\d{9}Z out of/)
    expect((await holdfast(['logs', 'console', '--since', '0s'], env)).out).toBe('')
    const lines = (await holdfast(['logs', 'console', '--json'], env)).out.trim().split('\n')
    expect(lines.map((line) => documented<Line>('logs', line).stream).sort()).toEqual([
      ...['stderr', 'stderr', 'stderr', 'stdout', 'stdout', 'stdout'],
    ])
    const times = lines.map((line) => documented<Line>('logs', line).time)
    expect(times).toEqual([...times].sort())
    for (const args of [
      ['logs', 'console', 'nosuch'],
      ['logs', 'nosuch'],
    ]) {
      expect(await holdfast(args, env)).toMatchObject({ code: 1, err: expect.stringContaining('nosuch') })
    }

    const following = start(['logs', 'console', '--follow', '--tail', '0'], env)
    // The events of starts are heard, and the present logs followed, before this is through.
    await until(async () => {
      await holdfast(['exec', 'console', 'web.1', 'touch', '/tmp/more'], env)
      return following.text().includes('web.1')
    }, 'a line that was written meanwhile')
    await repo.commit({ 'stacks/console/compose.yaml': stack('2') }, 'another version')
    expect(await holdfast(['sync', 'console'], env)).toMatchObject({ code: 0 })
    await following.printed('web.2')
    expect(following.text()).toMatch(/web\.1\/[0-9a-f]{8}-\d \| out of/)
    expect(await following.end('SIGINT')).toMatchObject({ code: 130 })

    const kept = await holdfast(['logs', 'console', 'web', '--all'], env)
    expect(kept.out.match(/out of/g)).toHaveLength(4)
    expect((await holdfast(['logs', 'console', 'web'], env)).out.match(/out of/g)).toHaveLength(2)
  })

  test('a command inside of a replica has its input, its outputs and its exit code', async () => {
    const echo = start(
      [
        'exec',
        '-e',
        'A=b c',
        '-w',
        '/tmp',
        'console',
        'web',
        '--',
        'sh',
        '-c',
        'echo "$A $(pwd)"; cat; echo no >&2; exit 7',
      ],
      env,
      'hello\n',
    )
    expect(await echo.ended).toEqual({ code: 7, out: 'b c /tmp\nhello\n', err: 'no\n' })
    expect((await holdfast(['exec', '-u', 'nobody', 'console', 'db.main', 'id', '-un'], env)).out).toBe('nobody\n')
    const [first, second] = await Promise.all(
      ['web.1', 'web.2'].map((slot) => holdfast(['exec', 'console', slot, 'hostname'], env)),
    )
    expect(first?.out).not.toBe(second?.out)
    const missing = await holdfast(['exec', 'console', 'web', '/no/such'], env)
    expect(missing.code).not.toBe(0)
    expect(missing.out + missing.err).toMatch(/no such file|not in the image/)
    expect(await holdfast(['exec', 'console', 'nosuch', 'sh'], env)).toMatchObject({ code: 1 })
  })

  test('on a terminal the command gets one, with its size, and every key', async () => {
    const shell = await inTerminal(['exec', 'console', 'web', 'sh'], env, [
      ['#', 'stty size; [ -t 1 ] && echo is a terminal\n'],
      ['is a terminal', 'sleep 100; echo after\n'],
      ['sleep 100', '\u0003'],
      ['after', 'exit 5\n'],
    ])
    expect(shell.out).toContain('30 100')
    expect(shell.code).toBe(5)
    const none = await inTerminal(['exec', '-T', 'console', 'web', 'sh', '-c', '"[ -t 1 ] || echo no terminal"'], env)
    expect(none.out).toContain('no terminal')
  })

  test('on a terminal waiting is a view that is drawn in place, logs have colours, and down asks', async () => {
    await repo.commit({ 'stacks/console/compose.yaml': stack('3') }, 'a third version')
    const sync = await inTerminal(['sync', 'console'], env)
    expect(sync.out).toContain('\u001b[?25l')
    expect(sync.out).toMatch(/web .*[12].*\/2/)
    expect(sync.out.endsWith('runs\r\n')).toBe(true)
    expect(sync.out.lastIndexOf('\u001b[?25h')).toBeGreaterThan(sync.out.lastIndexOf('\u001b[?25l'))
    const logs = (await inTerminal(['logs', 'console', 'web.1'], env)).out
    expect(logs.replaceAll('\u001b', '^')).toMatch(/\^\[3\dm.*web\.1 \|/)
    expect((await inTerminal(['logs', 'console', 'web.1'], { ...env, NO_COLOR: '1' })).out).not.toContain('\u001b')

    const no = await inTerminal(['down', 'console'], env, [['[y/N]', 'n\n']])
    expect(no).toMatchObject({ code: 1, out: expect.stringContaining('Nothing was done') })
    const yes = await inTerminal(['down', 'console', '--reason', '"it moves"'], env, [['[y/N]', 'y\n']])
    expect(yes).toMatchObject({ code: 0, out: expect.stringMatching(/is down, by \S+: it moves; its volumes stay/) })
    expect(await holdfast(['logs', 'console'], env)).toMatchObject({ code: 1 })
  })
})
