import { explain } from './explain.ts'
import { overHttp } from './http.ts'
import { followLocal } from './local.ts'
import { parseLocation } from './location.ts'
import { followRemote } from './remote.ts'
import { openSigners } from './signature/signers.ts'
import type { Snapshot, Source, SourceSettings } from './source.ts'
import { overSsh } from './ssh.ts'
import { checkAt } from './tips.ts'
import { httpWay, refuseHttp, refuseSsh, sshWay } from './ways.ts'

export interface GitSourceOptions extends SourceSettings {
  /** Where copies of a remote repository are kept; this source's alone. A local repository is read in place. */
  directory: string
  /** The longest time one `sync` may take, in milliseconds. */
  timeoutMs: number
  /** Larger files are not transferred where the server can leave them out. 16 MiB when absent. */
  fileBytes?: number
  /** Largest transfer. 256 MiB when absent. */
  transferBytes?: number
  /** Where HTTPS_PROXY and its like are looked up; this process's environment when absent. */
  env?: NodeJS.ProcessEnv
}

/** What a look is made by, and what errors have to know of it. */
interface Following {
  shown: string
  follow: (last: Snapshot | null, signal: AbortSignal) => Promise<Snapshot>
  hasLogin?: boolean
  hasOwnAuthority?: boolean
  proxy?: string | null
}

const MIB = 1024 * 1024

/**
 * Follows a git repository. Credentials in its URL are used and never shown. Throws SourceError for settings that cannot
 * be followed, and for signers that are none.
 */
export function openGitSource(options: GitSourceOptions): Source {
  const { timeoutMs } = options
  const at = checkAt(options.at)
  const following = followingOf({ ...options, at })
  let last: Snapshot | null = null
  return {
    sync: oneAtATime(async () => {
      const signal = AbortSignal.timeout(timeoutMs)
      try {
        last = await within(signal, following.follow(last, signal))
        return last
      } catch (error) {
        throw explain(error, { ...following, at, timeoutMs })
      }
    }),
  }
}

function followingOf(options: GitSourceOptions): Following {
  const { at, directory, fileBytes = 16 * MIB, transferBytes = 256 * MIB, env = process.env } = options
  const signers = options.signers === undefined ? null : openSigners(options.signers)
  const location = parseLocation(options.url)
  const { shown } = location
  if (location.kind === 'local') {
    refuseSsh(options)
    refuseHttp(options)
    return { shown, follow: followLocal(location.path, at, signers) }
  }
  const remote = { shown, at, directory, fileBytes, transferBytes, signers }
  if (location.kind === 'ssh') {
    const way = sshWay(location, options)
    return { shown, follow: followRemote({ ...remote, open: (limits) => overSsh(way, limits) }) }
  }
  const way = httpWay(location, options, env)
  const { proxy, hasOwnAuthority } = way
  const follow = followRemote({ ...remote, open: (limits) => overHttp(way, limits) })
  return { shown, follow, hasLogin: way.authorization !== null, hasOwnAuthority, proxy }
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
