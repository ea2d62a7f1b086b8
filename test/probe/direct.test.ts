import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Probe } from '../../src/model/stack.ts'
import { directProber } from '../../src/probe/direct.ts'
import type { ProbedReplica } from '../../src/probe/prober.ts'
import { until } from '../support/until.ts'

const TIMES = { intervalMs: 20, timeoutMs: 200, retries: 3, startPeriodMs: 0 }

async function listening(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

const web = (listener: RequestListener) => listening(createServer(listener))

/** Asks one replica, and gives what is known of it now. */
function asking(probe: Probe, change: Partial<ProbedReplica> = {}) {
  const changes: string[] = []
  const prober = directProber({
    onChange: (stack, container, health) => changes.push(`${stack} ${container} ${health}`),
  })
  onTestFinished(prober.stop)
  const replica = { container: 'c', startedAt: '1', address: '127.0.0.1', probe, ...change }
  return { changes, prober, replica, now: () => prober.ask('shop', [replica]).get('c') }
}

test('H9 one good answer makes healthy, and the change is told', async () => {
  const port = await web((_, answer) => answer.end('ok'))
  const { now, changes } = asking({ kind: 'http', port, path: '/health', ...TIMES })
  expect(now()).toEqual({ health: 'starting', asked: 0, complaint: '' })
  await until(async () => now()?.health === 'healthy', 'health')
  expect(changes).toEqual(['shop c healthy'])
})

test('H9 three bad answers in a row make unhealthy, with what was wrong; one good one mends it', async () => {
  let status = 500
  const port = await web((_, answer) => answer.writeHead(status).end())
  const { now, changes } = asking({ kind: 'http', port, path: '/health', ...TIMES })
  await until(async () => now()?.health === 'unhealthy', 'the verdict')
  expect(now()?.asked).toBeGreaterThanOrEqual(3)
  expect(now()?.complaint).toBe(`http://127.0.0.1:${port}/health answered with status 500`)
  status = 302
  await until(async () => now()?.health === 'healthy', 'health')
  expect(changes).toEqual(['shop c unhealthy', 'shop c healthy'])
})

test('the status that is asked for is the only good one', async () => {
  const port = await web((_, answer) => answer.writeHead(204).end())
  const { now } = asking({ kind: 'http', port, path: '/', status: 200, ...TIMES })
  await until(async () => now()?.health === 'unhealthy', 'the verdict')
})

test('an answer that does not come in time is a bad one', async () => {
  const port = await web(() => {})
  const { now } = asking({ kind: 'http', port, path: '/', ...TIMES })
  await until(async () => now()?.health === 'unhealthy', 'the verdict')
  expect(now()?.complaint).toBe(`http://127.0.0.1:${port}/ gave no answer within 0.2 s`)
})

test('bad answers in the start period do not count before the first good one', async () => {
  const port = await listening(createTcpServer())
  const { now } = asking({ kind: 'tcp', port: port === 1 ? 2 : 1, ...TIMES, startPeriodMs: 3_600_000 })
  await until(async () => (now()?.asked ?? 0) > 5, 'five questions')
  expect(now()).toMatchObject({ health: 'starting', complaint: 'tcp://127.0.0.1:1 refused the connection' })
})

test('a tcp probe is satisfied with a connection', async () => {
  const port = await listening(createTcpServer((socket) => socket.on('error', () => {})))
  const { now } = asking({ kind: 'tcp', port, ...TIMES })
  await until(async () => now()?.health === 'healthy', 'health')
})

test('a container that was started again begins anew, and one that is not named is asked no longer', async () => {
  let asked = 0
  const port = await web((_, answer) => {
    asked += 1
    answer.end()
  })
  const { now, prober, replica } = asking({ kind: 'http', port, path: '/', ...TIMES })
  await until(async () => now()?.health === 'healthy', 'health')
  expect(prober.ask('shop', [{ ...replica, startedAt: '2' }]).get('c')?.health).toBe('starting')
  expect(prober.ask('other', []).size).toBe(0)
  prober.ask('shop', [])
  // A question that was on its way may still arrive; then it is quiet.
  const before = asked
  const other = await web((_, answer) => answer.end())
  const watch = asking({ kind: 'http', port: other, path: '/', ...TIMES })
  await until(async () => (watch.now()?.asked ?? 0) > 5, 'time for five more questions')
  expect(asked - before).toBeLessThanOrEqual(1)
})
