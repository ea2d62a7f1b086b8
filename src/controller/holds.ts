import { cancel, pause, resume, rollingOut, suspend, takeDown } from '../decide/requests.ts'
import type { StackRecord } from '../model/record.ts'
import { short } from '../model/release.ts'
import type { HistoryEntry, HoldRequest, Store } from '../store/store.ts'
import { askedBy } from './asked.ts'
import { known, refusal, refuseHeld } from './known.ts'
import type { Lanes } from './lanes.ts'

interface Parts {
  store: Store
  lanes: Pick<Lanes, 'between'>
  report(entry: HistoryEntry): void
}

/** What a request makes of a record, and what the history and the person are told of it. */
interface Held {
  record: StackRecord
  kind: 'suspended' | 'resumed' | 'paused' | 'cancelled' | 'down'
  /** For the history; who asked and why is added. */
  told: string
  /** For the person. */
  answer: string
}

const HOLDS: Record<HoldRequest['kind'], (request: HoldRequest, store: Store) => Held> = {
  suspend: suspended,
  resume: resumed,
  pause: paused,
  cancel: cancelled,
  down: taken,
}

/** Holds a stack, or lets it go, at its next safe point. Rejects with a HoldfastError where that makes no sense. */
export async function hold(request: HoldRequest, { store, lanes, report }: Parts): Promise<string> {
  const { stack } = request
  let text = ''
  await lanes.between(known(stack, store), () => {
    const { record, kind, told, answer } = HOLDS[request.kind](request, store)
    store.save(stack, { record })
    report({
      stack,
      kind,
      release: record.rollout?.digest || record.stable,
      message: told + askedBy(request),
      logs: [],
    })
    text = answer
  })
  return text
}

function suspended({ stack }: HoldRequest, store: Store): Held {
  const { record } = store.stack(stack)
  if (record.suspended) throw refusal(`${stack} is suspended already. It goes on with: holdfast resume ${stack}`)
  if (record.down)
    throw refusal(`${stack} is down, and nothing of it runs. It comes back with: holdfast resume ${stack}`)
  const answer = `${stack} is suspended: nothing is done to it until: holdfast resume ${stack}`
  return { record: suspend(record), kind: 'suspended', told: 'suspended', answer }
}

function resumed({ stack }: HoldRequest, store: Store): Held {
  const { record } = store.stack(stack)
  if (!record.suspended && !record.paused && !record.down) throw refusal(`${stack} is neither held nor down.`)
  return { record: resume(record), kind: 'resumed', told: 'resumed', answer: `${stack} goes on` }
}

/** Also of a stack that is suspended or paused: the one who asks has the last word. */
function taken({ stack, by, reason }: HoldRequest, store: Store): Held {
  const { record } = store.stack(stack)
  if (record.down) throw refusal(`${stack} is down already. It comes back with: holdfast resume ${stack}`)
  if (record.adoption?.by === null) {
    const text = `${stack} is being taken over from docker compose, and would be left half-way.`
    throw refusal(`${text} Let that end, or give it up first: holdfast cancel ${stack}`)
  }
  const answer = `${stack} is taken down, its volumes stay; it comes back with: holdfast resume ${stack}`
  const asked = { ...(by ? { by } : {}), ...(reason ? { reason } : {}) }
  return { record: takeDown(record, asked), kind: 'down', told: 'taken down', answer }
}

function paused({ stack }: HoldRequest, store: Store): Held {
  const digest = rollingOf(stack, store)
  const { record } = store.stack(stack)
  if (record.paused) throw refusal(`${stack} is paused already. It goes on with: holdfast resume ${stack}`)
  const release = `the rollout of release ${short(digest)}`
  const answer = `${release} of ${stack} is paused: slots in flux finish, no further one is begun`
  return { record: pause(record), kind: 'paused', told: `${release} is paused`, answer }
}

function cancelled(request: HoldRequest, store: Store): Held {
  const { stack } = request
  const digest = rollingOf(stack, store)
  const { record, latest } = store.stack(stack)
  const told = `the rollout of release ${short(digest)} is cancelled`
  const others = latest?.digest && latest.digest !== digest && !record.quarantine[latest.digest] ? latest.digest : null
  const back =
    record.stable === null ? 'there is no stable release to go back to' : `going back to ${short(record.stable)}`
  const next = others === null ? back : `git asks for release ${short(others)} meanwhile, which is rolled out`
  const answer = `cancelled release ${short(digest)} of ${stack}; ${next}`
  return { record: cancel(record, `its rollout was cancelled${askedBy(request)}`), kind: 'cancelled', told, answer }
}

/** Digest of the release that is being rolled out. Throws a HoldfastError when none is. */
function rollingOf(stack: string, store: Store): string {
  refuseHeld(stack, store)
  const { record, status } = store.stack(stack)
  const digest = rollingOut(record)
  if (digest !== null) return digest
  throw refusal(`Nothing of ${stack} is being rolled out${status ? `: ${status.message}` : ''}.`)
}
