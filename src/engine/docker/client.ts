import Docker from 'dockerode'
import { HoldfastError } from '../../model/errors.ts'
import { unreachable } from './errors.ts'

/** The oldest engine API that has all we use (Docker Engine 20.10), and the newest this was written for. */
const OLDEST = '1.41'
const NEWEST = '1.47'
const ANSWER_WITHIN_MS = 120_000

export interface Client {
  /** For calls that answer at once; one that stays silent for two minutes is cut. */
  quick: Docker
  /** For calls that may be silent for long; each brings its own limit. */
  patient: Docker
  about: { version: string; apiVersion: string; platform: string }
}

/**
 * Connects on first use and keeps the agreed API version; after a failure the next call tries again.
 * Rejects with a HoldfastError that names what to do.
 */
export function lazyClient(socketPath: string): () => Promise<Client> {
  let client: Promise<Client> | null = null
  return () => {
    client ??= connect(socketPath).catch((error: unknown) => {
      client = null
      throw error
    })
    return client
  }
}

async function connect(socketPath: string): Promise<Client> {
  const found = await new Docker({ socketPath, timeout: ANSWER_WITHIN_MS }).version().catch((error: unknown) => {
    throw unreachable(socketPath, error)
  })
  if (typeof found.ApiVersion !== 'string') throw unreachable(socketPath, new Error('it is no Docker engine'))
  const version = `v${negotiate(found.ApiVersion, found.MinAPIVersion)}`
  return {
    quick: new Docker({ socketPath, version, timeout: ANSWER_WITHIN_MS }),
    patient: new Docker({ socketPath, version }),
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
