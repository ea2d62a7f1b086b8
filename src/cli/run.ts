import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { startController } from '../controller/controller.ts'
import type { Engine } from '../engine/engine.ts'
import type { Engines } from '../engine/engines.ts'
import { HoldfastError, reasonOf } from '../model/errors.ts'
import type { Adapters } from './adapters.ts'
import { makeDataDirectory } from './data.ts'
import { readKeys } from './keys.ts'
import { ENGINE_SETTINGS, type Settings, withSettings } from './options.ts'
import { openParts } from './parts.ts'
import { stopSignal } from './signals.ts'

/** A step that takes longer is left to itself: whatever it does, the next start sees it and goes on from there. */
const STOP_WITHIN_MS = 8_000

export function runCommand(adapters: Adapters): Command {
  const command = new Command('run').description('follow the repository and keep its stacks running, until stopped')
  withSettings(command, ['repo', 'branch', 'data', 'keyFile', ...ENGINE_SETTINGS, 'poll', 'bindRoot', 'pool'])
  return command.action((settings: Settings) => run(settings, adapters))
}

async function run(settings: Settings, adapters: Adapters): Promise<void> {
  const stopped = stopSignal()
  const lock = lockData(settings, adapters)
  const store = adapters.openStore(settings.data, readKeys(settings))
  const parts = openParts(settings, store, adapters)
  await greet(settings, parts.engines)
  const controller = startController(parts, { poll: settings.poll })
  const signal = await stopped
  console.log(`holdfast: ${signal}: finishing the step under way`)
  await Promise.race([controller.stop(), sleep(STOP_WITHIN_MS)])
  store.close()
  lock.release()
  console.log('holdfast: stopped; what runs goes on running')
}

function lockData(settings: Settings, adapters: Adapters): { release(): void } {
  const lock = adapters.tryLock(makeDataDirectory(settings))
  if (lock) return lock
  const text = `Another Holdfast is running on ${settings.data}.`
  throw new HoldfastError('terminal', `${text} Stop it first, or give this one a directory of its own with --data.`)
}

/** An engine that is not up yet, as at boot, is waited for; where it is the only one and can never be used, it is not. */
async function greet(settings: Settings, engines: Engines): Promise<void> {
  console.log(`holdfast: follows ${hideLogin(settings.repo ?? '')} (${settings.branch}); data in ${settings.data}`)
  const names = engines.names()
  const said = names.map(async (name) => {
    const which = name === '' ? 'the engine' : `target ${name}`
    console.log(`holdfast: ${which}: ${await present(engines.of(name), names.length === 1)}`)
  })
  // One that does not answer must not hold up the others.
  await Promise.race(said)
}

async function present(engine: Engine, isOnly: boolean): Promise<string> {
  try {
    const { version, platform } = await engine.about()
    return `Docker ${version}, ${platform}`
  } catch (error) {
    if (isOnly && error instanceof HoldfastError && error.handling === 'terminal') throw error
    return reasonOf(error)
  }
}

function hideLogin(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1')
}
