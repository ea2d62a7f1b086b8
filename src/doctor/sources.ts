import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_SOURCE } from '../model/default-names.ts'
import { reasonOf } from '../model/errors.ts'
import type { FollowedSettings, Settings } from '../settings/settings.ts'
import { type Check, failed, failedBy, ok } from './check.ts'
import type { Patient } from './patient.ts'
import { sourceFix } from './source-fix.ts'

/** Whether every repository can be read as it is followed. They are read side by side, into folders that go again. */
export async function checkSources(settings: Settings, patient: Patient): Promise<Check[]> {
  const sources = sourcesOf(settings)
  if (!Array.isArray(sources)) return [sources]
  return Promise.all(sources.map((source) => checkSource(source, patient)))
}

function sourcesOf(settings: Settings): FollowedSettings[] | Check {
  try {
    return settings.sources()
  } catch (error) {
    return failedBy('sources', error, 'Set `sources` as docs/settings.md shows, or --repo')
  }
}

async function checkSource(source: FollowedSettings, patient: Patient): Promise<Check> {
  const name = source.name === DEFAULT_SOURCE ? 'source' : `source ${source.name}`
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-doctor-'))
  try {
    const { commit, subject, untrusted } = await patient.readSource(source, folder)
    const { kind, name: ref } = source.at
    if (untrusted === null) return ok(name, `${kind} ${ref} is at ${commit.slice(0, 8)} (${subject})`)
    return failed(name, untrusted, 'Have it signed by one of the signers that are set, see docs/signed-commits.md')
  } catch (error) {
    return failedBy(name, error, sourceFix(reasonOf(error), source))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
