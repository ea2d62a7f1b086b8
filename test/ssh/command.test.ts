import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Command, quote, startCommand } from '../../src/ssh/command.ts'
import { connectSsh } from '../../src/ssh/connect.ts'
import type { Advice } from '../../src/ssh/server.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'

const ADVICE: Advice = { login: '', locked: () => '', address: '' }

let sshd: Sshd

beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(() => sshd.stop())

async function start(line: string): Promise<Command> {
  const { port, key, knownHosts } = sshd
  const server = { host: '127.0.0.1', port, user: 'root', keys: [key], agent: null, knownHosts: [knownHosts] }
  const client = await connectSsh(server, ADVICE, {})
  onTestFinished(() => void client.end())
  return await startCommand(client, line)
}

async function all(command: Command): Promise<string> {
  let printed = ''
  for (let piece = await command.read(); piece !== null; piece = await command.read()) printed += piece.toString()
  return printed
}

test('a command hears what it is sent, and what it prints and ends with is told', async () => {
  const command = await start('cat; echo bad >&2; exit 7')
  command.send(Buffer.from('hello'))
  expect(await all(command)).toBe('hello')
  expect(await command.ended).toBe(7)
  expect(command.complaint()).toBe('bad\n')
})

test('a command that is killed has no exit code', async () => {
  const command = await start('kill -9 $$')
  expect(await all(command)).toBe('')
  expect(await command.ended).toBe(null)
})

test('a connection that drops ends what is read', async () => {
  const command = await start('cat')
  const printed = all(command)
  await sshd.dropConnections()
  expect(await printed).toBe('')
  expect(await command.ended).toBe(null)
})

test('what is sent to a command that has ended is lost, and does no harm', async () => {
  const command = await start('true')
  expect(await all(command)).toBe('')
  await command.ended
  command.send(Buffer.from('late'))
  expect(await command.read()).toBe(null)
})

test('of errors without end only the beginning is kept', async () => {
  const command = await start('yes bad | head -c 3000000 >&2')
  expect(await all(command)).toBe('')
  expect(await command.ended).toBe(0)
  expect(command.complaint().length).toBeLessThan(5_000)
})

test.each(["it's", '$(id)', '`id`', 'a b', '!x', '"', '\\', 'a\nb', '~', '*'])('a shell leaves %j as it is', (text) => {
  expect(execFileSync('sh', ['-c', `printf %s ${quote(text)}`]).toString()).toBe(text)
})
