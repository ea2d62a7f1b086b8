import Docker from 'dockerode'
import { afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { dockerEngine } from '../../src/engine/docker/docker.ts'
import type { ContainerSpec, SecretOwner } from '../../src/model/stack.ts'
import { Bench } from '../contract/world.ts'
import { BASE_IMAGE, buildImage, ensureBaseImage } from '../support/images.ts'
import { until } from '../support/until.ts'

const socketPath = inject('engineSocket')
const docker = new Docker({ socketPath })
const images = { good: '', bare: '', turnsUnhealthy: '', exits7: '', cannotStart: '', missing: '' }
const world = { engine: dockerEngine({ socketPath, instance: 'ownertest' }), images, until, cleanup: async () => {} }
const PASSWD = 'root:x:0:0:root:/:/bin/sh\napp:x:1234:2345:app:/:/bin/sh\nother:x:999:999::/:/bin/sh\n'
const GROUP = 'root:x:0:\nstaff:x:50:app\napp:x:2345:\n'
const TARGET = '/run/secrets/password'

let bench: Bench

beforeAll(async () => {
  await ensureBaseImage(socketPath)
  const files = { passwd: PASSWD, group: GROUP }
  const from = `FROM ${BASE_IMAGE}\nADD passwd group /etc/\nRUN chmod 644 /etc/passwd /etc/group\n`
  await buildImage(socketPath, 'owner/root:1', { files, dockerfile: from })
  for (const user of ['app', '1000', 'app:staff', 'nobody-knows']) {
    const tag = `owner/${user.replace(':', '-')}:1`
    await buildImage(socketPath, tag, { files, dockerfile: `${from}USER ${user}\n` })
  }
  await buildImage(socketPath, 'owner/bare:1', { files: { f: '' }, dockerfile: 'FROM scratch\nADD f /f\nUSER app\n' })
})
beforeEach(() => {
  bench = new Bench(world)
})
afterEach(() => bench.clear())

/** Fills a volume for `owner` from `image`, and gives what a container of that image that mounts it prints. */
async function seen(image: string, owner: SecretOwner, command: string, config: Partial<ContainerSpec> = {}) {
  const volume = `${bench.stack}_secret-1`
  const files = { contents: { password: Buffer.from('hunter2').toString('base64') }, secret: owner }
  await bench.do('create-files', { volume, files, image })
  const { mounts = [], ...others } = config
  const mount = { kind: 'files' as const, volume, path: 'password', target: TARGET }
  const container = await bench.run(image, {
    config: { entrypoint: ['sh', '-c', command], mounts: [mount, ...mounts], ...others },
  })
  await bench.seen(container, ({ state }) => state === 'exited')
  return (await world.engine.logs(container, 100)).join('\n')
}

test.each<[image: string, owner: SecretOwner, expected: string]>([
  ['root', { user: '', mode: 0o400 }, '0 0 400'],
  ['root', { user: '1000', mode: 0o400 }, '1000 0 400'],
  ['root', { user: '1000:1001', mode: 0o440 }, '1000 1001 440'],
  ['root', { user: 'app', mode: 0o400 }, '1234 2345 400'],
  ['root', { user: 'app:staff', mode: 0o640 }, '1234 50 640'],
  ['root', { user: '7:staff', mode: 0o400 }, '7 50 400'],
  ['root', { user: ':50', mode: 0o440 }, '0 50 440'],
  ['app', { user: '', mode: 0o400 }, '1234 2345 400'],
  ['1000', { user: '', mode: 0o400 }, '1000 0 400'],
  ['app-staff', { user: '', mode: 0o400 }, '1234 50 400'],
  ['app-staff', { user: ':7', mode: 0o400 }, '1234 7 400'],
  ['app-staff', { user: 'other', mode: 0o400 }, '999 999 400'],
])('in the image of %s %j is %s', async (image, owner, expected) => {
  const output = await seen(`owner/${image}:1`, owner, `stat -c '%u %g %a' ${TARGET}`, { user: '0' })
  expect(output).toBe(expected)
})

test.each<[image: string, owner: SecretOwner, reason: RegExp]>([
  ['root', { user: 'nobody', mode: 0o400 }, /has no user "nobody" in \/etc\/passwd/],
  ['root', { user: 'app:wheel', mode: 0o400 }, /has no group "wheel" in \/etc\/group/],
  ['nobody-knows', { user: '', mode: 0o400 }, /has no user "nobody-knows"/],
  ['bare', { user: '', mode: 0o400 }, /has no user "app"/],
])('in the image of %s %j fails the release, in words', async (image, owner, reason) => {
  const failure = seen(`owner/${image}:1`, owner, 'true')
  await expect(failure).rejects.toMatchObject({ name: 'StepFailed', fault: 'release', message: reason })
  await expect(failure).rejects.not.toThrow(/hunter2|aHVudGVyMg/)
  const filler = (await bench.look()).containers.map(({ name }) => name)
  for (const name of filler) await bench.do('remove', { container: name })
})

const READ = `cat ${TARGET}; echo; touch ${TARGET} 2>/dev/null || echo cannot write; ls -ld /run/secrets`

test('the user of the container reads it and nobody else there does, read-only and with a tmpfs at /run', async () => {
  const tmpfs = [{ kind: 'tmpfs' as const, target: '/run', sizeBytes: 1_000_000 }]
  const config = { user: 'app', readOnly: true, mounts: tmpfs }
  const owner = { user: 'app', mode: 0o400 }
  expect(await seen('owner/root:1', owner, READ, config)).toMatch(/^hunter2\ncannot write\nd/)
})

test('another user of the same container does not read it', async () => {
  const output = await seen('owner/root:1', { user: 'app', mode: 0o400 }, `cat ${TARGET} 2>&1; id -u`, {
    user: 'other',
  })
  expect(output).toMatch(/Permission denied\n999$/)
})

test('nothing of it stands in what the engine tells of the container and the volume', async () => {
  await seen('owner/root:1', { user: 'app', mode: 0o400 }, 'true', { user: 'app' })
  const told = await Promise.all([
    docker.getContainer(bench.name()).inspect(),
    docker.getVolume(`${bench.stack}_secret-1`).inspect(),
  ])
  expect(JSON.stringify(told)).not.toMatch(/hunter2|aHVudGVyMg/)
})
