import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AgeKey, makeAgeKey } from '../support/age.ts'
import { type Plain, type SopsFormat, sopsEncrypt } from '../support/sops.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { type Host, startHost } from './host.ts'

/** A Holdfast with an age key, and what encrypts for it. */
export interface AgeHost {
  host: Host
  key: AgeKey
  /** Each time with another key of the values, as SOPS does. */
  sops(format: SopsFormat, data: Plain, recipients?: string[]): Promise<string>
  /** Another key takes the place of its own; null: it has none any more. Stops it and starts it again. */
  giveKey(key: AgeKey | null): Promise<void>
  close(): Promise<void>
}

export async function startAgeHost(): Promise<AgeHost> {
  const folder = temporaryFolder()
  const [key, file] = [await makeAgeKey(), join(folder.path, 'age.txt')]
  writeFileSync(file, key.file, { mode: 0o600 })
  const host = await startHost({ env: { HOLDFAST_AGE_KEY_FILE: file } })
  return {
    host,
    key,
    sops: (format, data, recipients = [key.recipient]) => sopsEncrypt(format, data, { recipients }),
    async giveKey(other) {
      await host.stop()
      if (other !== null) writeFileSync(file, other.file)
      host.setEnv({ HOLDFAST_AGE_KEY_FILE: other === null ? '' : file })
      await host.start()
    },
    async close() {
      await host.close()
      folder.remove()
    },
  }
}
