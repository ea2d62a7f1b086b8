import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { ask } from '../support/client.ts'
import { type GatewayBench, portEntry, startGateway } from '../support/gateway.ts'
import { freePort } from '../support/port.ts'
import { type Replica, startReplica } from '../support/replica.ts'
import { until } from '../support/until.ts'

const SWAPS = 6
const IDLE = 10
const WORKERS = 6

let bench: GatewayBench
beforeAll(async () => {
  bench = await startGateway(inject('engineSocket'), 'load')
})
afterAll(() => bench?.clear())

interface Load {
  /** Ends it. `outcomes`: how often each status or error came. */
  end(): Promise<{ sent: number; outcomes: Record<string, number> }>
}

/** Requests without a pause: half of them on connections that are kept, half on new ones. */
function startLoad(port: number): Load {
  const outcomes: Record<string, number> = {}
  let [sent, isOver] = [0, false]
  const work = async (agent: Agent | null) => {
    while (!isOver) {
      const body = 'x'.repeat((sent++ % 2) * 3_000)
      const asked = ask(port, '/', { method: 'POST', body, ...(agent ? { agent } : {}) })
      const outcome = await asked.then(
        ({ status }) => String(status),
        (error: { code?: string }) => String(error.code),
      )
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
      await sleep(5)
    }
  }
  const workers = Array.from({ length: WORKERS }, (_, n) => work(n % 2 ? keeping() : null))
  return {
    async end() {
      isOver = true
      await Promise.all(workers)
      return { sent, outcomes }
    },
  }
}

function keeping(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 })
}

const nameOf = (n: number) => `shop-web-1-0a1b2c3d-${n}`
const reached = async (n: number) => (await bench.look()).reached[nameOf(n)]

/** The next replica is reached, then the one before it gets nothing new, ends what it has, and stops. */
async function swap(port: number, n: number, before: Replica): Promise<Replica> {
  const next = await startReplica(`${n}`)
  await bench.set(nameOf(n), { [`${port}`]: next.place })
  await until(async () => (await reached(n))?.up.length === 1, `the check of ${nameOf(n)}`)
  if (n % 2 === 0) await bench.expose([portEntry(port), portEntry(await freePort())])
  await bench.set(nameOf(n - 1), null)
  await until(async () => ((await reached(n - 1))?.inFlight ?? 0) === 0, `${nameOf(n - 1)} to have nothing to do`)
  await before.stop()
  return next
}

test('no request is lost or executed twice while replicas change and the gateway is loaded anew', async () => {
  const port = await freePort()
  await bench.expose([portEntry(port)])
  const replicas = [await startReplica('0')]
  await bench.set(nameOf(0), { [`${port}`]: replicas[0]?.place ?? { address: '', port: 0 } })
  const idle = Array.from({ length: IDLE }, keeping)
  for (const agent of idle) await ask(port, '/', { agent })
  const load = startLoad(port)
  for (let n = 1; n <= SWAPS; n++) {
    const [before] = replicas.slice(-1)
    if (before) replicas.push(await swap(port, n, before))
  }
  for (const agent of idle) expect((await ask(port, '/', { agent })).status).toBe(200)
  const { sent, outcomes } = await load.end()
  expect(outcomes).toEqual({ 200: sent })
  expect(replicas.flatMap(({ executed }) => executed)).toHaveLength(sent + 2 * IDLE)
  await replicas.at(-1)?.stop()
})
