import { buffer } from 'node:stream/consumers'
import type Docker from 'dockerode'
import { extract } from 'tar-stream'
import { StepFailed } from '../../model/errors.ts'
import type { SecretOwner } from '../../model/stack.ts'
import { orNull } from './errors.ts'

export interface Owner {
  uid: number
  gid: number
}

/** Larger files of names are not read. */
const MAX_BYTES = 1024 * 1024

/**
 * The numbers of a user and group. What is left out is the image's own; names are looked up in the image, through a
 * container of it, which need not run. Rejects with StepFailed when the image has no such name.
 */
export async function ownerOf(container: Docker.Container, { user: wanted }: SecretOwner): Promise<Owner> {
  const { Config } = await container.inspect()
  const [wantedUser = '', wantedGroup = ''] = wanted.split(':')
  const [imageUser = '', imageGroup = ''] = Config.User.split(':')
  const user = wantedUser || imageUser || '0'
  const group = wantedGroup || (wantedUser === '' ? imageGroup : '')
  const known = isNumber(user) ? { uid: Number(user), gid: 0 } : await userOf(container, user, Config.Image)
  return group === '' ? known : { uid: known.uid, gid: await groupOf(container, group, Config.Image) }
}

/** `name:x:uid:gid:…` */
async function userOf(container: Docker.Container, name: string, image: string): Promise<Owner> {
  const [, , uid = '', gid = ''] = await lineOf(container, '/etc/passwd', name)
  if (isNumber(uid) && isNumber(gid)) return { uid: Number(uid), gid: Number(gid) }
  throw unknown('user', name, image, '/etc/passwd')
}

/** `name:x:gid:…` */
async function groupOf(container: Docker.Container, group: string, image: string): Promise<number> {
  if (isNumber(group)) return Number(group)
  const [, , gid = ''] = await lineOf(container, '/etc/group', group)
  if (isNumber(gid)) return Number(gid)
  throw unknown('group', group, image, '/etc/group')
}

async function lineOf(container: Docker.Container, path: string, name: string): Promise<string[]> {
  const archive = await orNull(container.getArchive({ path }))
  if (archive === null) return []
  const lines = (await firstFile(archive)).split('\n').map((line) => line.split(':'))
  return lines.find(([first]) => first === name) ?? []
}

/** Empty when the archive holds something else first, a link for example. */
async function firstFile(archive: NodeJS.ReadableStream): Promise<string> {
  for await (const entry of archive.pipe(extract())) {
    const { type, size = 0 } = entry.header
    return type === 'file' && size <= MAX_BYTES ? (await buffer(entry)).toString('utf8') : ''
  }
  return ''
}

function isNumber(text: string): boolean {
  return /^[0-9]+$/.test(text)
}

function unknown(what: string, name: string, image: string, file: string): StepFailed {
  const text = `The image ${image} has no ${what} "${name}" in ${file}, to whom a mounted file is to belong`
  const next = 'correct `user`, or give numbers: `user: "1000:1000"`, or `uid` and `gid` where the file is mounted.'
  return new StepFailed('release', `${text}: ${next}`)
}
