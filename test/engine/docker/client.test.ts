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
  expect(negotiate('1.47', '1.24')).toBe('1.47')
  expect(negotiate('1.55', '1.44')).toBe('1.52')
  expect(negotiate('1.60', '1.54')).toBe('1.54')
})

test('an engine that is too old is refused with what to do', () => {
  expect(() => negotiate('1.39', '1.12')).toThrow('Upgrade to Docker Engine 20.10')
})

test('an engine that was upgraded past the agreed version is agreed with anew', async () => {
  const socket = join(folder, 'upgraded')
  let oldest = '1.41'
  const asked: string[] = []
  const server = createServer((request, response) => {
    const version = /^\/v(1\.\d+)\//.exec(request.url ?? '')?.[1]
    if (version !== undefined) asked.push(version)
    response.setHeader('content-type', 'application/json')
    if (version !== undefined && version < oldest) {
      // The words of Engine 29 to a client that is too old for it.
      const message = `client version ${version} is too old. Minimum supported API version is ${oldest}, please upgrade`
      response.writeHead(400).end(JSON.stringify({ message }))
    } else if (version === undefined) {
      const about = { Version: '29', Os: 'linux', Arch: 'amd64', ApiVersion: oldest, MinAPIVersion: oldest }
      response.end(JSON.stringify(about))
    } else response.end(request.url?.includes('/volumes') ? '{"Volumes":null}' : '[]')
  }).listen(socket)
  const engine = dockerEngine({ socketPath: socket, instance: 'test' })
  const look = () => engine.observe({ stack: 'a', images: [], networks: [], volumes: [] })
  try {
    await look()
    oldest = '1.44'
    await expect(look()).rejects.toThrow('is too old')
    expect((await look()).containers).toEqual([])
    expect(new Set(asked)).toEqual(new Set(['1.41', '1.44']))
  } finally {
    server.close()
  }
})
