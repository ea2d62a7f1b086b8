import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../settings/settings.ts'
import { type Check, failedBy, ok, warning } from './check.ts'
import type { Patient } from './patient.ts'

const NAME = 'key file'

/** Whether stored releases can be read. None is made. */
export function checkKey(settings: Settings, patient: Patient): Check {
  const { keyFile, data } = settings
  if (!existsSync(keyFile)) return missing(keyFile, existsSync(join(data, 'holdfast.db')))
  try {
    patient.readKey(settings)
    return ok(NAME, `${keyFile} can be used, and is its owner's alone`)
  } catch (error) {
    return failedBy(NAME, error, `chmod 600 ${keyFile}, or set \`keyFile\` (--key-file) to the right file`)
  }
}

function missing(keyFile: string, hasDatabase: boolean): Check {
  if (!hasDatabase) return ok(NAME, `${keyFile} is not there yet; the first start makes it`)
  const what = `${keyFile} is not there: the next start makes a new one, and releases that were stored are lost`
  return warning(NAME, what, `Put it back from its copy (cp <copy> ${keyFile}), or set \`keyFile\` (--key-file)`)
}
