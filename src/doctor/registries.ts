import type { Settings } from '../settings/settings.ts'
import { type Check, failed, failedBy, ok } from './check.ts'
import type { Patient } from './patient.ts'

const NAME = 'registries'

/** Whether the credentials of `docker login` can be read, and their helpers are there. */
export async function checkRegistries({ dockerConfig }: Settings, patient: Patient): Promise<Check> {
  try {
    const { file, count, missing } = await patient.registryLogins(dockerConfig)
    if (missing.length > 0) {
      const what = `${file} names ${missing.join(', ')}, which is not in PATH: no image that needs it can be pulled`
      return failed(NAME, what, `Install it, or take it out of \`credsStore\` and \`credHelpers\` in ${file}`)
    }
    const logins = count === 1 ? 'a login for one registry' : `logins for ${count} registries`
    return ok(NAME, count === 0 ? `no logins in ${file}: only public images can be pulled` : `${logins} in ${file}`)
  } catch (error) {
    return failedBy(NAME, error, `docker --config ${dockerConfig} login, or set \`dockerConfig\` (--docker-config)`)
  }
}
