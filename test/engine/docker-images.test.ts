import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { dockerEngine } from '../../src/engine/docker/docker.ts'
import type { Step } from '../../src/model/steps.ts'
import { type FailingRegistry, type RegistryTrouble, startFailingRegistry } from '../support/failing-registry.ts'
import { BASE_IMAGE, buildImage, ensureBaseImage } from '../support/images.ts'
import { type Registry, startRegistry } from '../support/registry.ts'

const socketPath = inject('engineSocket')
const docker = new Docker({ socketPath })
const engine = dockerEngine({ socketPath, instance: 'images', pullTimeoutMs: 2_000, resolveTimeoutMs: 2_000 })

beforeAll(() => ensureBaseImage(socketPath))

function pull(reference: string): Promise<void> {
  const step: Step = { kind: 'pull-image', stack: 's', resource: reference, because: 'a test', args: { reference } }
  return engine.execute(step)
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
    const first = await publish(image, 'first')
    const pin = await engine.resolve(image, 'missing')
    expect(pin).toEqual({ reference: `${registry.host}/team/app@${first}`, local: false })
    await publish(image, 'second')
    expect(await engine.resolve(image, 'missing')).not.toEqual(pin)

    const reference = `${registry.host}/team/app@${first}`
    await docker.getImage(reference).remove()
    const look = () => engine.observe({ stack: 's', images: [reference], networks: [], volumes: [] })
    expect((await look()).images).toEqual([])
    await pull(reference)
    expect((await look()).images).toEqual([reference])
    expect(await engine.resolve(reference, 'missing')).toEqual({ reference, local: false })
  })

  test('that is down leaves the digest of the local copy', async () => {
    const image = `${registry.host}/team/down:1`
    const digest = await publish(image, 'down')
    await registry.stop()
    expect(await engine.resolve(image, 'missing')).toEqual({
      reference: `${registry.host}/team/down@${digest}`,
      local: false,
    })
    await expect(engine.resolve(`${registry.host}/team/other:1`, 'missing')).rejects.toMatchObject({
      fault: 'platform',
    })
  })

  /** Builds, pushes, and says the digest the registry gave it. */
  async function publish(image: string, content: string): Promise<string> {
    await buildImage(socketPath, image, { files: {}, dockerfile: `FROM ${BASE_IMAGE}\nENV CONTENT=${content}\n` })
    const progress = await docker.getImage(image).push({ authconfig: {} })
    await new Promise((done, fail) =>
      docker.modem.followProgress(progress, (error, output) => (error === null ? done(output) : fail(error))),
    )
    const repository = image.slice(0, image.lastIndexOf(':'))
    const digests = (await docker.getImage(image).inspect()).RepoDigests
    return digests.find((digest) => digest.startsWith(repository))?.split('@')[1] ?? ''
  }
})

test('I7 an image that only this engine has is pinned by its id, and is missing once it is gone', async () => {
  const id = await buildImage(socketPath, 'only/here:1', { files: {}, dockerfile: `FROM ${BASE_IMAGE}\nENV ONLY=1\n` })
  expect(await engine.resolve('only/here:1', 'missing')).toEqual({ reference: id, local: true })
  await docker.getImage('only/here:1').remove()
  expect(await engine.resolve(id, 'missing')).toHaveProperty('missing')
  await expect(pull(id)).rejects.toMatchObject({
    fault: 'platform',
    message: expect.stringContaining('built on this engine'),
  })
})
