import type Docker from 'dockerode'
import { HoldfastError } from '../../model/errors.ts'
import type { Endpoint } from '../endpoint.ts'
import { type Listings, listingsOf } from './listings.ts'
import { type Transports, transportsTo } from './transport/transport.ts'
import { unreachable } from './transport/unreachable.ts'

/** The oldest engine API that has all we use (Docker Engine 20.10), and the newest this was written for (29). */
const OLDEST = '1.41'
const NEWEST = '1.52'
const ANSWER_WITHIN_MS = 120_000
/** An engine that does not even say its version must not hold up those that do. */
const GREET_WITHIN_MS = 10_000

export interface Client {
  /** For calls that answer at once; one that stays silent for two minutes is cut. */
  quick: Docker
  /** For calls that may be silent for long; each brings its own limit. */
  patient: Docker
  /** What observations share. */
  listings: Listings
  about: { version: string; apiVersion: string; platform: string }
}

/** A connection that is made on first use and keeps the agreed API version. */
export interface Connection {
  /** Rejects with a HoldfastError that names what to do; after a failure the next call tries again. */
  client(): Promise<Client>
  /** As `client`, but asked of the engine in any case: an answer of yesterday does not prove that it can be reached. */
  anew(): Promise<Client>
  /** The engine may be another version now: agree anew at the next call. */
  forget(): void
}

export function openConnection(endpoint: Endpoint): Connection {
  const transports = transportsTo(endpoint)
  let client: Promise<Client> | null = null
  return {
    client() {
      client ??= connect(endpoint, transports).catch((error: unknown) => {
        client = null
        throw error
      })
      return client
    },
    anew: () => connect(endpoint, transports),
    forget() {
      client = null
    },
  }
}

async function connect(endpoint: Endpoint, transports: Transports): Promise<Client> {
  // Read now: it takes long, and most commands ask no engine.
  const { default: Docker } = await import('dockerode')
  const first = new Docker({ ...transports.quick, timeout: GREET_WITHIN_MS })
  const found = await first.version().catch((error: unknown) => {
    throw unreachable(endpoint, error)
  })
  if (typeof found.ApiVersion !== 'string') throw unreachable(endpoint, new Error('it is no Docker engine'))
  const version = `v${negotiate(found.ApiVersion, found.MinAPIVersion)}`
  const quick = new Docker({ ...transports.quick, version, timeout: ANSWER_WITHIN_MS })
  return {
    quick,
    listings: listingsOf(quick),
    patient: new Docker({ ...transports.patient, version }),
    about: { version: found.Version, apiVersion: found.ApiVersion, platform: `${found.Os}/${found.Arch}` },
  }
}

/** The newest version both sides know; an engine that has dropped ours is spoken to in its oldest. */
export function negotiate(newest: string, oldest: string | undefined): string {
  if (compareVersions(newest, OLDEST) < 0) {
    throw new HoldfastError(
      'terminal',
      `The Docker engine is too old (API ${newest}): Holdfast needs ${OLDEST}. Upgrade to Docker Engine 20.10 or newer.`,
    )
  }
  const common = compareVersions(newest, NEWEST) < 0 ? newest : NEWEST
  return oldest !== undefined && compareVersions(common, oldest) < 0 ? oldest : common
}

function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number)
  const [majorB = 0, minorB = 0] = b.split('.').map(Number)
  return majorA - majorB || minorA - minorB
}
