import type Docker from 'dockerode'
import { orNull, statusOf } from './errors.ts'
import type { Context } from './ownership.ts'

const PREFIX = 'stable-'

/**
 * The stable mark is a tag on an image, `holdfast/<instance>/<stack>:stable-<digest>`: labels of containers cannot be
 * rewritten, and the mark has to outlive a lost database. Null when there is none, or when a crash left two.
 */
export async function stableMark(context: Context, stack: string): Promise<string | null> {
  const marks = tagsIn(context, stack, await context.listings.images()).filter((tag) => tag.startsWith(PREFIX))
  return marks.length === 1 ? (marks[0]?.slice(PREFIX.length) ?? null) : null
}

export async function markStable(context: Context, stack: string, release: string, image: string): Promise<void> {
  const tag = `${PREFIX}${release}`
  await context.quick.getImage(image).tag({ repo: repositoryOf(context, stack), tag })
  await dropTags(context, stack, tag)
}

export async function clearMark(context: Context, stack: string): Promise<void> {
  await dropTags(context, stack, null)
}

async function dropTags(context: Context, stack: string, except: string | null): Promise<void> {
  for (const tag of await tagsOf(context, stack)) if (tag !== except) await dropTag(context, stack, tag)
}

/**
 * Never by force, which would take the image from under a stopped container. An image that has no other name but is
 * still used gets a plain one, which a later call drops once nobody uses it.
 */
async function dropTag(context: Context, stack: string, tag: string): Promise<void> {
  const repo = repositoryOf(context, stack)
  const image = context.quick.getImage(`${repo}:${tag}`)
  try {
    await orNull(image.remove({ noprune: true }))
  } catch (error) {
    if (statusOf(error) !== 409) throw error
    if (!tag.startsWith(PREFIX)) return
    const { Id } = await image.inspect()
    await image.tag({ repo, tag: `kept-${Id.replace('sha256:', '').slice(0, 12)}` })
    await orNull(image.remove({ noprune: true }))
  }
}

async function tagsOf(context: Context, stack: string): Promise<string[]> {
  const repo = repositoryOf(context, stack)
  const images = await context.quick.listImages({ filters: { reference: [repo] } })
  return tagsIn(context, stack, images)
}

function tagsIn(context: Context, stack: string, images: readonly Docker.ImageInfo[]): string[] {
  const repo = repositoryOf(context, stack)
  const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.startsWith(`${repo}:`))
  return tags.map((tag) => tag.slice(repo.length + 1))
}

function repositoryOf(context: Context, stack: string): string {
  return `holdfast/${context.instance}/${stack}`
}
