import { consent, foreignTo } from '../decide/adopt.ts'
import type { AdoptRequest } from '../store/store.ts'
import { askedBy } from './asked.ts'
import { known, refusal, refuseHeld } from './known.ts'
import type { RequestParts } from './request-parts.ts'

/** Notes a person's consent to take over what Docker Compose made. Rejects with a HoldfastError where that makes no sense. */
export async function adopt(request: AdoptRequest, parts: RequestParts): Promise<string> {
  const { stack } = request
  const { store, lanes, report } = parts
  // Taking over is often the first thing that is asked for: nothing may have been read yet.
  if (!store.stacks().includes(stack)) await parts.following.look(null, {})
  refuseHeld(known(stack, store), store)
  const foreign = await findForeign(stack, parts)
  await lanes.between(stack, () => {
    refuseHeld(stack, store)
    const { record, latest } = store.stack(stack)
    store.save(stack, { record: consent(record) })
    const message = `docker compose's ${foreign} may be taken over${askedBy(request)}`
    report({ stack, kind: 'adopted', release: latest?.digest ?? null, message, logs: [] })
  })
  return `taking over ${foreign} for ${stack}`
}

async function findForeign(stack: string, { store, engines }: RequestParts): Promise<string> {
  const { latest, record } = store.stack(stack)
  const release = latest?.digest ? store.release(stack, latest.digest) : null
  if (!release) throw refusal(`${stack} cannot be taken over: ${latest?.blocked ?? 'git asks for nothing'}.`)
  if (record.adoption?.by === null) throw refusal(`${stack} is being taken over already. See: holdfast status`)
  const { networks, volumes } = release.stack
  const query = { stack, images: [], networks: Object.keys(networks), volumes: Object.keys(volumes) }
  const foreign = foreignTo(release, await engines.of(release.stack.target).observe(query))
  if (record.stable === release.digest) throw refusal(alreadyOurs(stack))
  if (foreign.length > 0) return foreign.join(', ')
  throw refusal(`There is nothing to take over for ${stack}: nothing that it needs was made by somebody else.`)
}

function alreadyOurs(stack: string): string {
  return (
    `${stack} is Holdfast's: what git asks for runs, and nothing stands in its way. ` +
    'What docker compose runs beside it is named by: holdfast status'
  )
}
