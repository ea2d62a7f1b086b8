import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { dockerEngine } from '../../src/engine/docker/docker.ts'
import type { Step } from '../../src/model/steps.ts'
import { type FailingRegistry, type RegistryTrouble, startFailingRegistry } from '../support/failing-registry.ts'
import { BASE_IMAGE, buildImage, ensureBaseImage } from '../support/images.ts'
import { publish, push } from '../support/publish.ts'
import { type Registry, startRegistry } from '../support/registry.ts'
import { temporaryFolder } from '../support/temporary.ts'

const socketPath = inject('engineSocket')
const docker = new Docker({ socketPath })
const engine = dockerEngine({ socketPath, instance: 'images', pullTimeoutMs: 2_000, resolveTimeoutMs: 2_000 })

beforeAll(() => ensureBaseImage(socketPath))

function pullStep(reference: string): Step {
  return { kind: 'pull-image', stack: 's', resource: reference, because: 'a test', args: { reference } }
}

function pull(reference: string): Promise<void> {
  return engine.execute(pullStep(reference))
}

describe('a registry that fails', () => {
  let registry: FailingRegistry
  beforeAll(async () => {
    registry = await startFailingRegistry('not-found')
  })
  afterAll(() => registry.stop())

  test('I1 says that there is no such image: missing, and pulling it fails the release', async () => {
    registry.trouble = 'not-found'
    const image = `${registry.host}/team/app:1`
    expect(await engine.resolve(image, 'missing')).toEqual({
      missing: expect.stringContaining('there is no such image'),
    })
    await expect(pull(image)).rejects.toMatchObject({ fault: 'release' })
  })

  const troubles: [string, RegistryTrouble, string][] = [
    ['I3 with 401', 'unauthorized', 'refuses access: check the credential'],
    ['I3 with 403', 'forbidden', 'refuses access: check the credential'],
    ['I3 with 429', 'too-many', 'no more requests'],
    ['I3 with 500', 'broken', 'has trouble of its own'],
    ['I2 by never answering', 'hangs', 'time limit'],
  ]
  test.each(troubles)(
    '%s is trouble of the platform, for a pull and for a question alike',
    async (_, trouble, words) => {
      registry.trouble = trouble
      const image = `${registry.host}/team/app:1`
      const expected = { name: 'StepFailed', fault: 'platform', message: expect.stringContaining(words) }
      await expect(pull(image)).rejects.toMatchObject(expected)
      await expect(engine.resolve(image, 'missing')).rejects.toMatchObject(expected)
    },
  )

  test('leaves a local copy as the fallback, unless the registry must be asked', async () => {
    registry.trouble = 'broken'
    const image = `${registry.host}/team/local:1`
    const id = await buildImage(socketPath, image, { files: {}, dockerfile: `FROM ${BASE_IMAGE}\nENV A=1\n` })
    expect(await engine.resolve(image, 'missing')).toEqual({ reference: id, local: true })
    expect(await engine.resolve(image, 'never')).toEqual({ reference: id, local: true })
    await expect(engine.resolve(image, 'always')).rejects.toMatchObject({ fault: 'platform' })
  })
})

describe('a registry that works', () => {
  let registry: Registry
  beforeAll(async () => {
    registry = await startRegistry()
  })
  afterAll(() => registry.stop())

  test('I5, I8 pins a tag to its digest, which moves with its content and can be pulled again', async () => {
    const image = `${registry.host}/team/app:1`
    const first = await make(image, 'first')
    const pin = await engine.resolve(image, 'missing')
    expect(pin).toEqual({ reference: `${registry.host}/team/app@${first}`, local: false })
    await make(image, 'second')
    expect(await engine.resolve(image, 'missing')).not.toEqual(pin)

    const reference = `${registry.host}/team/app@${first}`
    await docker.getImage(reference).remove()
    const look = () => engine.observe({ stack: 's', images: [reference], networks: [], volumes: [] })
    expect((await look()).images).toEqual([])
    await pull(reference)
    expect((await look()).images).toEqual([reference])
    expect(await engine.resolve(reference, 'missing')).toEqual({ reference, local: false })
  })

  test('that is asked by each policy: always, missing, never', async () => {
    const image = `${registry.host}/team/policy:1`
    const digest = await make(image, 'policy')
    const { Id } = await docker.getImage(image).inspect()
    const pinned = { reference: `${registry.host}/team/policy@${digest}`, local: false }
    expect(await engine.resolve(image, 'always')).toEqual(pinned)
    expect(await engine.resolve(image, 'missing')).toEqual(pinned)
    expect(await engine.resolve(image, 'never')).toEqual({ reference: Id, local: true })

    await docker.getImage(image).remove()
    expect(await engine.resolve(image, 'always')).toEqual(pinned)
    expect(await engine.resolve(image, 'missing')).toEqual(pinned)
    expect(await engine.resolve(image, 'never')).toEqual({ missing: `there is no image ${image} on this engine` })
  })

  test('that is down leaves the digest of the local copy', async () => {
    const image = `${registry.host}/team/down:1`
    const digest = await make(image, 'down')
    await registry.stop()
    expect(await engine.resolve(image, 'missing')).toEqual({
      reference: `${registry.host}/team/down@${digest}`,
      local: false,
    })
    await expect(engine.resolve(`${registry.host}/team/other:1`, 'missing')).rejects.toMatchObject({
      fault: 'platform',
    })
  })

  async function make(image: string, content: string): Promise<string> {
    await buildImage(socketPath, image, { files: {}, dockerfile: `FROM ${BASE_IMAGE}\nENV CONTENT=${content}\n` })
    return push(docker, image)
  }
})

describe('a pull', () => {
  let registry: Registry
  let front: FailingRegistry
  beforeAll(async () => {
    registry = await startRegistry()
    front = await startFailingRegistry(null, registry.host)
  })
  afterAll(async () => {
    await front.stop()
    await registry.stop()
  })

  /** So large that it takes four seconds at the speed of a slow registry; it is on the registry alone. */
  async function large(name: string): Promise<string> {
    const files = { content: randomBytes(2_500_000) }
    const dockerfile = `FROM ${BASE_IMAGE}\nADD content /content\n`
    const id = await buildImage(socketPath, `local/${name}:1`, { files, dockerfile })
    const digest = await publish(docker, id, `${registry.host}/${name}:1`)
    await docker.getImage(`local/${name}:1`).remove()
    return `${front.host}/${name}@${digest}`
  }

  test('that comes further may take longer than the limit, and tells how far it is', async () => {
    front.trouble = 'slow'
    const told: string[] = []
    const began = performance.now()
    await engine.execute(pullStep(await large('slow')), (text) => told.push(text))
    expect(performance.now() - began).toBeGreaterThan(2_000)
    const parts = told.map((text) => Number(/^(\d+) % of 3 MB$/.exec(text)?.[1])).filter((part) => part >= 0)
    expect(parts.length).toBeGreaterThanOrEqual(2)
    expect(parts).toEqual([...parts].sort((a, b) => a - b))
  })

  test('I2 that stalls half-way ends at the limit, and can be repeated', async () => {
    front.trouble = 'stalls'
    const reference = await large('stalling')
    await expect(pull(reference)).rejects.toMatchObject({
      fault: 'platform',
      message: expect.stringContaining('no progress for 2 s'),
    })
    front.trouble = null
    await pull(reference)
    expect((await docker.getImage(reference).inspect()).RepoDigests).toEqual([reference])
  })
})

test('I7 an image that only this engine has is pinned by its id, and is missing once it is gone', async () => {
  const id = await buildImage(socketPath, 'only/here:1', { files: {}, dockerfile: `FROM ${BASE_IMAGE}\nENV ONLY=1\n` })
  expect(await engine.resolve('only/here:1', 'missing')).toEqual({ reference: id, local: true })
  await docker.getImage('only/here:1').remove()
  expect(await engine.resolve(id, 'missing')).toHaveProperty('missing')
  await expect(pull(id)).rejects.toMatchObject({
    fault: 'platform',
    message: expect.stringContaining('no registry knows it'),
  })
})

describe('a registry that wants a credential', () => {
  const account = { username: 'ada', password: `canary-${randomBytes(8).toString('hex')}` }
  let registry: Registry
  let folder: ReturnType<typeof temporaryFolder>
  beforeAll(async () => {
    registry = await startRegistry(account)
    folder = temporaryFolder()
  })
  afterAll(async () => {
    folder.remove()
    await registry.stop()
  })

  test('I3 is given the one from config.json, for the question and the pull; without it both are refused in words', async () => {
    const login = dockerEngine({ socketPath, instance: 'images', dockerConfig: folder.path })
    const image = `${registry.host}/private/app:1`
    await buildImage(socketPath, 'private/app:1', { files: {}, dockerfile: `FROM ${BASE_IMAGE}\nENV PRIVATE=1\n` })
    const digest = await publish(docker, 'private/app:1', image, account)
    const reference = `${registry.host}/private/app@${digest}`
    const config = join(folder.path, 'config.json')
    const write = (password: string) => {
      const auth = Buffer.from(`${account.username}:${password}`).toString('base64')
      writeFileSync(config, JSON.stringify({ auths: { [registry.host]: { auth } } }))
    }
    const isRefused = async (words: string) => {
      const expected = { fault: 'platform', message: expect.stringContaining(words) }
      await expect(login.resolve(image, 'missing')).rejects.toMatchObject(expected)
      await expect(login.execute(pullStep(reference))).rejects.toMatchObject(expected)
    }
    await isRefused(`the registry ${registry.host} refuses access: there is no credential for it in ${config}`)
    write('wrong')
    await isRefused(`the registry ${registry.host} refuses access: it did not accept the credential from ${config}`)
    write(account.password)
    expect(await login.resolve(image, 'missing')).toEqual({ reference, local: false })
    await login.execute(pullStep(reference))
    expect((await docker.getImage(reference).inspect()).RepoDigests).toEqual([reference])
  })
})
