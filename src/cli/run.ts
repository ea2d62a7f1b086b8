import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { startController } from '../controller/controller.ts'
import type { Engine } from '../engine/engine.ts'
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
  await greet(settings, parts.engine)
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

/** An engine that is not up yet, as at boot, is waited for; one that can never be used is not. */
async function greet(settings: Settings, engine: Engine): Promise<void> {
  const follows = `follows ${hideLogin(settings.repo ?? '')} (${settings.branch})`
  try {
    const { version, platform } = await engine.about()
    console.log(`holdfast: ${follows} on Docker ${version}, ${platform}; data in ${settings.data}`)
  } catch (error) {
    if (error instanceof HoldfastError && error.handling === 'terminal') throw error
    console.log(`holdfast: ${follows}; ${reasonOf(error)}`)
  }
}

function hideLogin(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1')
}
