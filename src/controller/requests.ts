import { retry, rollbackTo } from '../decide/requests.ts'
import { reasonOf } from '../model/errors.ts'
import { short } from '../model/release.ts'
import type { Request } from '../store/store.ts'
import { adopt } from './adopt.ts'
import type { Answer } from './answer.ts'
import type { FollowedSource } from './followings.ts'
import { hold } from './holds.ts'
import { known, refusal, refuseHeld } from './known.ts'
import { findRelease } from './past.ts'
import type { RequestParts } from './request-parts.ts'

/** Does what a person asked for, and answers once the next pass has taken it up. Never rejects. */
export async function carryOut(request: Request, parts: RequestParts): Promise<Answer> {
  try {
    return { ok: true, text: await does(request, parts) }
  } catch (error) {
    return { ok: false, text: reasonOf(error) }
  }
}

function does(request: Request, parts: RequestParts): Promise<string> {
  if (request.kind === 'sync') return sync(request.stack, parts)
  if (request.kind === 'retry') return tryAgain(request.stack, parts)
  if (request.kind === 'rollback') return goBack(request.stack, request.release, parts)
  if (request.kind === 'adopt') return adopt(request, parts)
  return hold(request, parts)
}

/** Looks at the repository now, and resolves tags anew. */
async function sync(stack: string | null, parts: RequestParts): Promise<string> {
  const followed = await parts.following.look(stack, { refresh: stack === null ? parts.store.stacks() : [stack] })
  const stacks = stack === null ? parts.store.stacks() : [known(stack, parts.store)]
  await Promise.all(stacks.map((name) => parts.lanes.between(name, () => {})))
  return `following ${followed.map((one) => commitOf(one, followed.length === 1)).join(', ')}`
}

function commitOf({ source, commit }: FollowedSource, isOnly: boolean): string {
  return `commit ${commit.slice(0, 8)}${isOnly ? '' : ` of ${source}`}`
}

/** Tags may point to something mended meanwhile: they are resolved anew, and both releases are given another chance. */
async function tryAgain(stack: string, parts: RequestParts): Promise<string> {
  const { store } = parts
  const before = store.stack(known(stack, store)).latest?.digest ?? null
  refuseHeld(stack, store)
  const note = await lookAgain(stack, parts)
  await parts.lanes.between(stack, () => {
    const { latest, record } = store.stack(known(stack, store))
    const digests = [before, latest?.digest ?? null].filter((digest) => digest !== null)
    store.save(stack, { record: digests.reduce(retry, record) })
  })
  const { latest } = store.stack(stack)
  if (!latest?.digest) throw refusal(`${stack} cannot be tried again: ${latest?.blocked ?? 'git asks for nothing'}.`)
  return `trying release ${short(latest.digest)} of ${stack} again${note}`
}

/** What is known can be tried again also while the repository cannot be read. */
async function lookAgain(stack: string, parts: RequestParts): Promise<string> {
  try {
    await parts.following.look(stack, { refresh: [stack] })
    return ''
  } catch (error) {
    return ` as it was last read, because the repository cannot be read now: ${reasonOf(error)}`
  }
}

async function goBack(stack: string, wanted: string | null, parts: RequestParts): Promise<string> {
  const { store } = parts
  let release = ''
  await parts.lanes.between(known(stack, store), () => {
    refuseHeld(stack, store)
    const { latest, record } = store.stack(stack)
    release = findRelease(stack, wanted, store)
    store.save(stack, { record: rollbackTo(record, release, latest?.digest ?? null) })
  })
  return `taking ${stack} back to release ${short(release)}`
}
