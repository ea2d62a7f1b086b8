import type Docker from 'dockerode'
import type { Account } from './registry.ts'

/**
 * Pushes a local image under another name, which is then removed here: what runs was really pulled. Resolves to the
 * digest that the registry gave it.
 */
export async function publish(docker: Docker, local: string, image: string, account?: Account): Promise<string> {
  const colon = image.lastIndexOf(':')
  await docker.getImage(local).tag({ repo: image.slice(0, colon), tag: image.slice(colon + 1) })
  const digest = await push(docker, image, account)
  await docker.getImage(image).remove()
  return digest
}

/** Pushes an image that is named after its registry. Resolves to the digest that the registry gave it. */
export async function push(docker: Docker, image: string, account?: Account): Promise<string> {
  const progress = await docker.getImage(image).push({ authconfig: account ?? {} })
  const said = await new Promise<unknown[]>((done, fail) =>
    docker.modem.followProgress(progress, (error, output) => (error === null ? done(output) : fail(error))),
  )
  const digest = /"Digest":"(sha256:[0-9a-f]{64})"/.exec(JSON.stringify(said))?.[1]
  if (digest === undefined) throw new Error(`${image} could not be pushed: ${JSON.stringify(said.at(-1))}`)
  return digest
}
