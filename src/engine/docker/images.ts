import type Docker from 'dockerode'
import { StepFailed } from '../../model/errors.ts'
import type { Pin } from '../../model/release.ts'
import type { Service } from '../../model/stack.ts'
import type { Credentials, Login } from './credentials/credentials.ts'
import { orNull, registryFailed } from './errors.ts'
import type { Context } from './ownership.ts'

/** What a question to a registry needs beside the engine. */
export interface ImageContext extends Context {
  credentials: Credentials
  /** Longest time a registry may take to say which digest a tag has. */
  resolveTimeoutMs: number
}

/** What containers are created from; see Engine.resolve. */
export async function resolve(context: ImageContext, image: string, policy: Service['pull']): Promise<Pin> {
  const local = await inspectImage(context, image)
  if (policy === 'never' || isId(image)) {
    // By id, whatever registry it came from: nothing may ever be pulled for it.
    return local === null
      ? { missing: `there is no image ${image} on this engine` }
      : { reference: local.Id, local: true }
  }
  if (local !== null && policy === 'missing' && isOnlyHere(local)) return localPin(image, local)
  try {
    return { reference: `${repositoryOf(image)}@${await askRegistry(context, image)}`, local: false }
  } catch (failure) {
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

/** Which digest the registry has for the image. Rejects with StepFailed. */
async function askRegistry(context: ImageContext, image: string): Promise<string> {
  const login = await context.credentials.loginFor(image)
  try {
    const answer = context.patient.getImage(image).distribution(authOf(login))
    return (await within(context.resolveTimeoutMs, answer)).Descriptor.digest
  } catch (cause) {
    throw registryFailed(`Cannot resolve ${image}`, image, cause, login.advice)
  }
}

/** The credential as an option of a call to the engine. */
export function authOf({ auth }: Login): { authconfig?: Docker.AuthConfig } {
  return auth === null ? {} : { authconfig: auth }
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

export function isId(image: string): boolean {
  return image.startsWith('sha256:')
}

export function inspectImage(context: Context, image: string): Promise<Docker.ImageInspectInfo | null> {
  return orNull(context.quick.getImage(image).inspect())
}

/** The client cannot abort this one call; whoever waits for it gives up instead. */
async function within<T>(limitMs: number, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`no answer within ${limitMs / 1000} s`)), limitMs)
  })
  return await Promise.race([call, limit]).finally(() => clearTimeout(timer))
}
