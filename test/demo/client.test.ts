import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openClient } from '../../demo/client.ts'
import { until } from '../support/until.ts'

/** A shop that gives the answers one after the other, and the last one from then on; null is none, but an end. */
async function shop(...answers: ({ status: number; text: string } | null)[]): Promise<string> {
  const server = createServer((request, response) => {
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    if (!answer) request.socket.destroy()
    else response.writeHead(answer.status).end(answer.text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.closeAllConnections())
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

test('every answer is counted, by the version that gave it', async () => {
  const one = { status: 200, text: 'shop 1.0, schema 1\n' }
  const client = openClient(await shop(one, one, one, { status: 200, text: 'shop 1.1, schema 1\n' }))
  client.start()
  await until(async () => client.counted().requests >= 10, 'ten requests')
  await client.stop()
  const { requests, failures, answers } = client.counted()
  expect({ failures, answers }).toEqual({ failures: 0, answers: { '1.0': 3, '1.1': requests - 3 } })
})

test('what is cut off, refused, or answered by something else is a failure, and the first one is told', async () => {
  const good = { status: 200, text: 'shop 1.0, schema 1\n' }
  const client = openClient(
    await shop(good, { status: 503, text: 'no replica' }, null, { status: 200, text: 'else' }, good),
  )
  client.start()
  await until(async () => client.counted().requests >= 10, 'ten requests')
  await client.stop()
  expect(client.counted()).toMatchObject({ failures: 3, trouble: expect.stringMatching(/503|hang up|else/) })
})
