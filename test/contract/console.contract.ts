import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Console, ConsoleContainer, ExecOptions, LogLine, LogOptions, Session } from '../../src/engine/console.ts'
import type { Engine } from '../../src/engine/engine.ts'
import type { ContainerSpec } from '../../src/model/stack.ts'
import { until } from '../support/until.ts'
import { Bench } from './world.ts'

export interface ConsoleWorld {
  engine: Engine
  console: Console
  /** Has a shell. */
  image: string
}

/** What every Console must do, by whatever way its engine is reached. */
export function consoleContract(name: string, setup: () => ConsoleWorld): void {
  describe(name, () => {
    let bench: Bench
    let world: ConsoleWorld
    beforeEach(() => {
      world = setup()
      const images = {
        good: world.image,
        bare: world.image,
        turnsUnhealthy: '',
        exits7: '',
        cannotStart: '',
        missing: '',
      }
      bench = new Bench({ engine: world.engine, images, until, cleanup: async () => {} })
    })
    afterEach(async () => bench.clear())

    /** A container that runs a script of the shell. */
    async function script(text: string, config: Partial<ContainerSpec> = {}, n = 1): Promise<ConsoleContainer> {
      const name = await bench.run(world.image, { n, config: { command: ['sh', '-c', text], ...config } })
      const found = (await world.console.containers(bench.stack)).find((container) => container.name === name)
      if (found === undefined) throw new Error(`${name} was not found`)
      return found
    }

    const ended = (container: ConsoleContainer) => bench.seen(container.name, ({ state }) => state === 'exited')

    function logs(container: ConsoleContainer, options: Partial<LogOptions> = {}): AsyncIterable<LogLine> {
      const { signal } = new AbortController()
      return world.console.logs(container, { tail: null, follow: false, signal, ...options })
    }

    async function exec(container: ConsoleContainer, command: string[], options: Partial<ExecOptions> = {}) {
      return await world.console.exec(container, { command, tty: false, stdin: true, env: [], ...options })
    }

    test('its containers are found, those of other stacks and of others are not', async () => {
      const first = await script('exec sleep 60')
      const second = await script('true', {}, 2)
      await ended(second)
      const { service, slot, role } = first
      expect({ service, slot, role }).toEqual({ service: 'web', slot: 1, role: 'service' })
      const found = await world.console.containers(bench.stack)
      expect(found.map(({ name, isUp }) => [name, isUp])).toEqual([
        [bench.name(1), true],
        [bench.name(2), false],
      ])
      expect(await world.console.containers('nobody')).toEqual([])
    })

    test('logs: both outputs in order, with times that sort, and the last lines only', async () => {
      const lines = 'echo one; sleep 0.05; echo two >&2; sleep 0.05; printf "thr\\303\\251e\\n\\n"; printf end'
      const container = await script(lines)
      await ended(container)
      const all = await collect(logs(container))
      expect(all.map(({ stream, text }) => `${stream} ${text}`)).toEqual([
        'stdout one',
        'stderr two',
        'stdout thrée',
        'stdout ',
        'stdout end',
      ])
      expect(all.map(({ time }) => time)).toEqual(all.map(({ time }) => time).sort())
      expect(all[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
      expect((await collect(logs(container, { tail: 1 }))).map(({ text }) => `${text}`)).toEqual(['end'])
      const [, second] = all
      const since = `${Math.floor(Date.parse(second?.time ?? '') / 1000)}.${second?.time.slice(20, 29)}`
      expect((await collect(logs(container, { since }))).length).toBe(4)
    })

    test('logs: a line longer than the engine keeps in one piece is whole', async () => {
      const container = await script('head -c 50000 /dev/zero | tr "\\0" x; echo; echo after')
      await ended(container)
      expect((await collect(logs(container))).map(({ text }) => text.length)).toEqual([50_000, 5])
    })

    test('logs: of a container with a terminal', async () => {
      const container = await script('echo one; echo two >&2', { tty: true })
      await ended(container)
      expect((await collect(logs(container))).map(({ stream, text }) => `${stream} ${text}`)).toEqual([
        'stdout one',
        'stdout two',
      ])
    })

    test('logs: followed until the container ends, or until nobody listens any more', async () => {
      const container = await script('echo one; until [ -e /tmp/go ]; do sleep 0.05; done; echo two')
      const heard: string[] = []
      const stop = new AbortController()
      const left = gather(logs(container, { follow: true, signal: stop.signal }), [])
      const done = gather(logs(container, { follow: true }), heard)
      await until(async () => heard.length === 1, 'the first line')
      stop.abort()
      expect(await left).toEqual(['one'])
      await (await exec(container, ['touch', '/tmp/go'])).exitCode()
      expect(await done).toEqual(['one', 'two'])
    })

    test('a start is told', async () => {
      const stop = new AbortController()
      let started = 0
      world.console.watch(bench.stack, () => (started += 1), stop.signal)
      // The stream of events may not be open yet; whatever is started from then on is told.
      for (let n = 1; n < 40 && started === 0; n += 1) await script('true', {}, n)
      expect(started).toBeGreaterThan(0)
      stop.abort()
    })

    test('exec: input, both outputs and the exit code', async () => {
      const container = await script('exec sleep 60')
      const session = await exec(container, ['sh', '-c', 'cat; echo "$A from $(pwd)" >&2; exit 7'], {
        env: ['A=greetings'],
        workdir: '/tmp',
      })
      const output = read(session)
      Readable.from(['hello\n', 'you\n']).pipe(session.input)
      expect(await output).toEqual({ stdout: 'hello\nyou\n', stderr: 'greetings from /tmp\n' })
      expect(await session.exitCode()).toBe(7)
    })

    test('exec: as another user, and much at once', async () => {
      const container = await script('exec sleep 60')
      const session = await exec(container, ['sh', '-c', 'id -u; cat'], { user: 'nobody' })
      const output = read(session)
      session.input.end(Buffer.alloc(3_000_000, 'x'))
      expect((await output).stdout.length).toBe(3_000_006)
      expect(await session.exitCode()).toBe(0)
    })

    test('exec: with a terminal of a size', async () => {
      const container = await script('exec sleep 60')
      const session = await exec(container, ['sh', '-c', 'read go; stty size; [ -t 0 ] && exit 3'], { tty: true })
      const output = read(session)
      await session.resize({ columns: 91, rows: 37 })
      session.input.write('\n')
      expect((await output).stdout).toContain('37 91')
      expect(await session.exitCode()).toBe(3)
    })

    test('exec: a program that is not there, and a container that does not run', async () => {
      const container = await script('exec sleep 60')
      const failing = exec(container, ['/no/such/program']).then(async (session) => {
        const { stdout, stderr } = await read(session)
        return `${await session.exitCode()} ${stdout}${stderr}`
      })
      expect(await failing.catch((error: Error) => error.message)).toMatch(/no such file|not in the image/)
      const over = await script('true', {}, 2)
      await ended(over)
      await expect(exec(over, ['true'])).rejects.toMatchObject({ message: expect.stringContaining('is not running') })
    })

    test('what is gone, and what is not ours, is neither read nor entered', async () => {
      const container = await script('exec sleep 60')
      await bench.do('remove', { container: container.name })
      await expect(collect(logs(container))).rejects.toMatchObject({ message: expect.stringContaining('is gone') })
      await expect(exec(container, ['true'])).rejects.toMatchObject({ message: expect.stringContaining('is gone') })
    })
  })
}

async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of all) found.push(one)
  return found
}

async function gather(lines: AsyncIterable<LogLine>, into: string[]): Promise<string[]> {
  for await (const { text } of lines) into.push(text.toString())
  return into
}

async function read(session: Session): Promise<{ stdout: string; stderr: string }> {
  const all = await collect(session.output())
  const of = (wanted: string) => Readable.from(all.filter(({ stream }) => stream === wanted).map(({ bytes }) => bytes))
  return { stdout: (await buffer(of('stdout'))).toString(), stderr: (await buffer(of('stderr'))).toString() }
}
