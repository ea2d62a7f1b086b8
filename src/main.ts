#!/usr/bin/env node
import type { Adapters } from './cli/adapters.ts'
import { EXIT, explainExit } from './cli/exit.ts'
import { createProgram } from './cli/program.ts'
import { dockerConsole } from './engine/docker/console/console.ts'
import { registryLogins } from './engine/docker/credentials/logins.ts'
import { dockerEngine } from './engine/docker/docker.ts'
import { engineFacts } from './engine/docker/facts.ts'
import { directProber } from './probe/direct.ts'
import { parseAgeKeys } from './sops/age-keys.ts'
import { openSops } from './sops/sops.ts'
import { firstCommit } from './source/first-commit.ts'
import { openGitSource } from './source/git.ts'
import { backUp } from './store/backup.ts'
import { checkDatabase } from './store/check.ts'
import { tryLock } from './store/lock.ts'
import { openStore } from './store/sqlite.ts'
import { version } from './version.ts'

/** Long enough for the first copy of a large repository over a slow line. */
const SYNC_WITHIN_MS = 120_000

/** The composition root: the only place that knows which adapters there are. */
const ADAPTERS: Adapters = {
  firstCommit,
  openSource: (settings, directory) => openGitSource({ ...settings, directory, timeoutMs: SYNC_WITHIN_MS }),
  openDecrypt: (ageKeys, origin) => openSops(ageKeys === null ? [] : parseAgeKeys(ageKeys, origin)),
  openEngine: dockerEngine,
  openConsole: dockerConsole,
  engineFacts,
  registryLogins,
  openProber: directProber,
  openStore,
  checkDatabase,
  backUp,
  tryLock,
}

/** Whoever reads our output wants no more of it, as `head` does: there is nobody left to tell. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.interrupted)
    throw error
  })
}

async function main(): Promise<number> {
  endWithReader()
  try {
    await createProgram(ADAPTERS, version()).parseAsync()
    return Number(process.exitCode ?? 0)
  } catch (error) {
    return explainExit(error, (text) => console.error(text))
  }
}

// Connections to the engine are kept open for the next call; there is none.
process.exit(await main())
