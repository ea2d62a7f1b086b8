import { explain } from './explain.ts'
import { followLocal } from './local.ts'
import { parseLocation } from './location.ts'
import { followRemote } from './remote.ts'
import { openSigners } from './signature/signers.ts'
import type { Snapshot, Source, SourceSettings } from './source.ts'

export interface GitSourceOptions extends SourceSettings {
  /** Where copies of a remote repository are kept; this source's alone. A local repository is read in place. */
  directory: string
  /** The longest time one `sync` may take, in milliseconds. */
  timeoutMs: number
  /** Larger files are not transferred where the server can leave them out. 16 MiB when absent. */
  fileBytes?: number
  /** Largest transfer. 256 MiB when absent. */
  transferBytes?: number
}

const MIB = 1024 * 1024

/** Follows a git repository. Throws SourceError for a URL that cannot be followed, or signers that are none. */
export function openGitSource(options: GitSourceOptions): Source {
  const { directory, timeoutMs, fileBytes = 16 * MIB, transferBytes = 256 * MIB } = options
  const branch = options.at.name
  const location = parseLocation(options.url)
  const signers = options.signers === undefined ? null : openSigners(options.signers)
  const follow =
    location.kind === 'local'
      ? followLocal(location.path, branch, signers)
      : followRemote({ location, branch, directory, fileBytes, transferBytes, signers })
  const followed = { shown: location.shown, branch, timeoutMs }
  let last: Snapshot | null = null
  return {
    sync: oneAtATime(async () => {
      const signal = AbortSignal.timeout(timeoutMs)
      try {
        last = await within(signal, follow(last, signal))
        return last
      } catch (error) {
        throw explain(error, followed)
      }
    }),
  }
}

/** Callers that come while it runs share its outcome. */
function oneAtATime<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  return () => {
    running ??= work().finally(() => {
      running = null
    })
    return running
  }
}

/** Gives up when the signal says so, also where the work itself does not listen to it. */
function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
