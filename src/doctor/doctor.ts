import type { Settings } from '../settings/settings.ts'
import { type Check, failedBy, ok } from './check.ts'
import { checkData } from './data.ts'
import { checkDatabase, checkLock } from './database.ts'
import { checkEngines } from './engines.ts'
import { checkKey } from './key.ts'
import type { Patient } from './patient.ts'
import { checkRegistries } from './registries.ts'
import { checkSources } from './sources.ts'

const MEND_SETTINGS = 'Correct it as the text says; docs/settings.md names every setting.'

/** Looks at every part of a set-up; what works needs no looking through. Changes nothing of it. */
export async function examine(patient: Patient): Promise<Check[]> {
  const settings = readable(patient)
  if ('state' in settings) return [settings]
  const [registries, engines, sources] = await Promise.all([
    checkRegistries(settings, patient),
    checkEngines(settings, patient),
    checkSources(settings, patient),
  ])
  return [
    ok('settings', settings.file === null ? 'options and variables, no file' : `${settings.file} is valid`),
    ...checkPolicy(settings),
    ...checkData(settings),
    checkLock(settings, patient),
    checkDatabase(settings, patient),
    checkKey(settings, patient),
    ...[...engines, registries, ...sources].flat(),
  ]
}

function readable(patient: Patient): Settings | Check {
  try {
    return patient.settings()
  } catch (error) {
    return failedBy('settings', error, MEND_SETTINGS)
  }
}

/** Engines that cannot be named are told of where they are looked at. */
function checkPolicy(settings: Settings): Check[] {
  try {
    settings.targets()
  } catch {
    return []
  }
  try {
    settings.policy()
    return [ok('policy', 'says what commits may ask for')]
  } catch (error) {
    return [failedBy('policy', error, 'Correct `policy` in the settings file as docs/policy.md shows')]
  }
}
