import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureProgram, run } from './install.ts'

/** A certificate authority of the test's own. */
export interface Authority {
  /** Makes a folder with `ca.pem`, `cert.pem` and `key.pem`, as Docker wants it. Days below 0: expired already. */
  issue(name: string, options?: { days?: number; for?: string }): Promise<string>
}

/** Makes it in `folder`, which must be there. Certificates are for 127.0.0.1 (`for` names another), for servers and clients alike. */
export async function makeAuthority(folder: string): Promise<Authority> {
  const openssl = await ensureProgram('openssl', 'openssl')
  const [ca, caKey, extensions] = ['ca.pem', 'ca-key.pem', 'extensions'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await run(openssl, ['req', '-x509', ...newKey, '-keyout', caKey, '-out', ca, '-days', '2', '-subj', '/CN=test CA'])
  return {
    async issue(name, { days = 1, for: whom = 'IP:127.0.0.1' } = {}) {
      const home = join(folder, name)
      writeFileSync(extensions, `subjectAltName=${whom}\nextendedKeyUsage=serverAuth,clientAuth\n`)
      mkdirSync(home)
      copyFileSync(ca, join(home, 'ca.pem'))
      const [key, cert, request] = [join(home, 'key.pem'), join(home, 'cert.pem'), join(home, 'request')]
      await run(openssl, ['req', ...newKey, '-keyout', key, '-out', request, '-subj', `/CN=${name}`])
      const signed = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-extfile', extensions, '-days', String(days)]
      await run(openssl, ['x509', '-req', '-in', request, '-out', cert, ...signed])
      return home
    },
  }
}
