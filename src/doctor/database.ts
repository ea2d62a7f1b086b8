import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../settings/settings.ts'
import { type Check, failedBy, ok, skipped } from './check.ts'
import type { Patient } from './patient.ts'

/** Whether the database is whole. None is made. */
export function checkDatabase({ data }: Settings, patient: Patient): Check {
  const file = join(data, 'holdfast.db')
  if (!existsSync(file)) return skipped('database', `${file} is not there yet; the first start makes it`)
  try {
    patient.checkDatabase(data)
    return ok('database', `${file} is whole`)
  } catch (error) {
    return failedBy(
      'database',
      error,
      'See docs/operations.md, "A damaged database"; make backups with: holdfast backup',
    )
  }
}

/** That one runs is no fault. */
export function checkLock({ data }: Settings, patient: Patient): Check {
  if (!existsSync(join(data, 'lock.db'))) return ok('running', `no Holdfast has run on ${data} yet`)
  try {
    const lock = patient.tryLock(data)
    lock?.release()
    return ok('running', lock === null ? `a Holdfast runs on ${data}` : `no Holdfast runs on ${data} now`)
  } catch (error) {
    return failedBy('running', error, `Give ${data} to the user that runs Holdfast: sudo chown -R`)
  }
}
