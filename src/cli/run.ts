import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { type ControllerParts, startController } from '../controller/controller.ts'
import type { Engine } from '../engine/engine.ts'
import type { Engines } from '../engine/engines.ts'
import { DEFAULT_SOURCE } from '../model/default-names.ts'
import { HoldfastError, reasonOf } from '../model/errors.ts'
import type { Flags } from '../settings/flags.ts'
import { readSettings } from '../settings/read.ts'
import type { Settings } from '../settings/settings.ts'
import type { Adapters } from './adapters.ts'
import { makeDataDirectory } from './data.ts'
import { readKeys } from './keys.ts'
import { ENGINE_SETTINGS, SOURCE_SETTINGS, TRAFFIC_SETTINGS, withSettings } from './options.ts'
import { openParts } from './parts.ts'
import { watchSignals } from './signals.ts'

/** A step that takes longer is left to itself: whatever it does, the next start sees it and goes on from there. */
const STOP_WITHIN_MS = 8_000

export function runCommand(adapters: Adapters): Command {
  const command = new Command('run')
    .description('follow the repository and keep its stacks running, until stopped')
    .addHelpText(
      'after',
      '\nSIGHUP has the settings file, and the files it names, read again. SIGTERM and SIGINT stop it.',
    )
  const names = [
    ...SOURCE_SETTINGS,
    'data',
    'keyFile',
    ...ENGINE_SETTINGS,
    ...TRAFFIC_SETTINGS,
    'poll',
    'bindRoot',
    'pool',
  ] as const
  withSettings(command, [...names])
  return command.action((flags: Flags) => run(flags, adapters))
}

async function run(flags: Flags, adapters: Adapters): Promise<void> {
  const signals = watchSignals()
  let settings = readSettings(flags)
  const lock = lockData(settings, adapters)
  adapters.checkDatabase(settings.data)
  const store = adapters.openStore(settings.data, readKeys(settings), () => settings.retention)
  let parts = openParts(settings, store, adapters)
  await greet(settings, parts.engines)
  let controller = startController(parts, { isAwake: true })
  let signal = await signals.next()
  for (; signal === 'SIGHUP'; signal = await signals.next()) {
    const again = readAgain(flags, settings, parts, adapters)
    if (again === null) continue
    await controller.stop()
    ;({ settings, parts } = again)
    controller = startController(parts, { isAwake: true })
  }
  console.log(`holdfast: ${signal}: finishing the step under way`)
  await Promise.race([controller.stop(), sleep(STOP_WITHIN_MS)])
  store.close()
  lock.release()
  console.log('holdfast: stopped; what runs goes on running')
}

/** Settings that cannot be used change nothing: it goes on with those it has. */
function readAgain(flags: Flags, before: Settings, { store, report }: ControllerParts, adapters: Adapters) {
  const entry = { stack: '', release: null, logs: [] }
  try {
    const settings = readSettings(flags)
    refuseMove(before, settings)
    const parts = openParts(settings, store, adapters)
    report({ ...entry, kind: 'settings-read', message: 'the settings were read again' })
    return { settings, parts }
  } catch (error) {
    const message = `the settings cannot be used, and stay as they were: ${reasonOf(error)}`
    report({ ...entry, kind: 'settings-refused', message })
    return null
  }
}

/** What is kept where, and whose objects are its own, is settled for as long as it runs. */
function refuseMove(before: Settings, after: Settings): void {
  const moved = (['data', 'keyFile', 'instance'] as const).find((key) => before[key] !== after[key])
  if (moved === undefined) return
  throw new HoldfastError('terminal', `\`${moved}\` cannot change while it runs. Stop Holdfast and start it again.`)
}

function lockData(settings: Settings, adapters: Adapters): { release(): void } {
  const lock = adapters.tryLock(makeDataDirectory(settings))
  if (lock) return lock
  const text = `Another Holdfast is running on ${settings.data}.`
  throw new HoldfastError('terminal', `${text} Stop it first, or give this one a directory of its own with --data.`)
}

/** An engine that is not up yet, as at boot, is waited for; where it is the only one and can never be used, it is not. */
async function greet(settings: Settings, engines: Engines): Promise<void> {
  if (settings.file !== null) console.log(`holdfast: settings from ${settings.file}`)
  for (const { name, url, at } of settings.sources()) {
    const which = name === DEFAULT_SOURCE ? '' : `${name}: `
    console.log(`holdfast: follows ${which}${hideLogin(url)} (${at.name}); data in ${settings.data}`)
  }
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
