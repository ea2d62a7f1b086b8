import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { negotiate } from '../../../src/engine/docker/client.ts'
import { dockerEngine } from '../../../src/engine/docker/docker.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-client-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function about(socketPath: string): Promise<unknown> {
  return dockerEngine({ socketPath, instance: 'test' }).about()
}

test('without a socket the error names it and the next command', async () => {
  const socket = join(folder, 'none')
  const message = expect.stringMatching(`There is no Docker engine at ${socket}: .*systemctl start docker`)
  await expect(about(socket)).rejects.toMatchObject({ handling: 'retry', message })
})

test('something that is no engine is not taken for one', async () => {
  const socket = join(folder, 'other')
  const server = createServer((_, response) => response.end('hello')).listen(socket)
  await expect(about(socket).finally(() => server.close())).rejects.toThrow('cannot be used as a Docker engine')
})

test('the newest version that both sides know is spoken', () => {
  expect(negotiate('1.41', '1.12')).toBe('1.41')
  expect(negotiate('1.52', '1.44')).toBe('1.47')
  expect(negotiate('1.60', '1.50')).toBe('1.50')
})

test('an engine that is too old is refused with what to do', () => {
  expect(() => negotiate('1.39', '1.12')).toThrow('Upgrade to Docker Engine 20.10')
})
