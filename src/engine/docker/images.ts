import type Docker from 'dockerode'
import { StepFailed } from '../../model/errors.ts'
import type { Pin } from '../../model/release.ts'
import type { Service } from '../../model/stack.ts'
import { orNull, registryFailed } from './errors.ts'
import type { Context } from './ownership.ts'

/** Pulls what a release pinned; nothing happens when it is there. The time limit covers the whole pull. */
export async function pull(context: Context, reference: string, limitMs: number): Promise<void> {
  if (await inspect(context, reference)) return
  if (isId(reference)) {
    throw new StepFailed(
      'platform',
      `The image ${reference} was built on this engine and is gone: build or load it again.`,
    )
  }
  const limit = AbortSignal.timeout(limitMs)
  try {
    await download(context, reference, limit)
  } catch (error) {
    const cause = limit.aborted ? new Error(`aborted after ${limitMs / 1000} s`) : error
    throw registryFailed(`Cannot pull ${reference}`, reference, cause)
  }
}

/** What containers are created from; see Engine.resolve. */
export async function resolve(
  context: Context & { resolveTimeoutMs: number },
  image: string,
  policy: Service['pull'],
): Promise<Pin> {
  const local = await inspect(context, image)
  if (local !== null && (policy === 'never' || isId(image) || (policy === 'missing' && isOnlyHere(local)))) {
    return localPin(image, local)
  }
  if (policy === 'never' || isId(image)) return { missing: `there is no image ${image} on this engine` }
  try {
    const digest = await askRegistry(context, image, context.resolveTimeoutMs)
    return { reference: `${repositoryOf(image)}@${digest}`, local: false }
  } catch (cause) {
    const failure = registryFailed(`Cannot resolve ${image}`, image, cause)
    if (local !== null && policy === 'missing') return localPin(image, local)
    if (failure instanceof StepFailed && failure.fault === 'release') return { missing: failure.message }
    throw failure
  }
}

/** The registry's name for a repository of `image`: without tag and digest. */
function repositoryOf(image: string): string {
  const [name = ''] = image.split('@')
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name
}

async function askRegistry(context: Context, image: string, limitMs: number): Promise<string> {
  const answer = context.patient.getImage(image).distribution()
  return (await within(limitMs, answer)).Descriptor.digest
}

async function download(context: Context, reference: string, abortSignal: AbortSignal): Promise<void> {
  const progress = await context.patient.createImage({ fromImage: reference, abortSignal })
  await new Promise<void>((done, fail) =>
    context.patient.modem.followProgress(progress, (error: Error | null) => (error === null ? done() : fail(error))),
  )
  abortSignal.throwIfAborted()
}

/** By digest where a registry knows the image by this repository's name, by id otherwise. */
function localPin(image: string, local: Docker.ImageInspectInfo): Pin {
  const repository = repositoryOf(image)
  const digest = local.RepoDigests?.find((candidate) => candidate.startsWith(`${repository}@`))
  return digest === undefined ? { reference: local.Id, local: true } : { reference: digest, local: false }
}

function isOnlyHere(local: Docker.ImageInspectInfo): boolean {
  return (local.RepoDigests ?? []).length === 0
}

function isId(image: string): boolean {
  return image.startsWith('sha256:')
}

function inspect(context: Context, image: string): Promise<Docker.ImageInspectInfo | null> {
  return orNull(context.quick.getImage(image).inspect())
}

/** The client cannot abort this one call; whoever waits for it gives up instead. */
async function within<T>(limitMs: number, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`aborted after ${limitMs / 1000} s`)), limitMs)
  })
  return await Promise.race([call, limit]).finally(() => clearTimeout(timer))
}
