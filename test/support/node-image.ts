import { existsSync, realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { buildImage, ensureBaseImage } from './images.ts'
import { librariesOf, run } from './install.ts'
import { temporaryFolder } from './temporary.ts'

const IMAGE = 'sample/node'

/**
 * Makes a stand-in for `node:20-bookworm-slim` on the engine, without a registry: this machine's Node and npm, the
 * libraries they need, a shell, and a user `node` of the same number. Resolves to its name.
 */
export async function ensureNodeImage(socket: string): Promise<string> {
  await ensureBaseImage(socket)
  const folder = temporaryFolder()
  try {
    const npm = dirname(dirname(realpathSync((await run('which', ['npm'])).trim())))
    const paths = [process.execPath, npm, ...(await librariesOf(process.execPath)), ...authorities()]
    const rootfs = join(folder.path, 'rootfs.tar')
    await run('tar', ['-chf', rootfs, '-C', '/', ...paths.map((path) => path.slice(1))])
    await buildImage(socket, IMAGE, { files: { 'rootfs.tar': await readFile(rootfs) }, dockerfile: dockerfile(npm) })
  } finally {
    folder.remove()
  }
  return IMAGE
}

/** Those that this machine trusts: its network may have one of its own. */
function authorities(): string[] {
  const file = process.env['NODE_EXTRA_CA_CERTS']
  return file !== undefined && existsSync(file) ? [realpathSync(file)] : []
}

function dockerfile(npm: string): string {
  const [file] = authorities()
  const links = [
    `ln -sf ${npm}/bin/npm-cli.js /usr/local/bin/npm`,
    `ln -sf ${npm}/bin/npx-cli.js /usr/local/bin/npx`,
    'ln -sf /bin/busybox /usr/bin/env',
  ]
  const user = ['echo node:x:1000:1000::/home/node:/bin/sh >>/etc/passwd', 'echo node:x:1000: >>/etc/group']
  return [
    'FROM sample/base',
    'ADD rootfs.tar /',
    `RUN mkdir -p /usr/bin /usr/local/bin /home/node && chown 1000:1000 /home/node && ${[...links, ...user].join(' && ')}`,
    `ENV PATH=/usr/local/bin:${dirname(process.execPath)}:/usr/bin:/bin`,
    ...(file === undefined ? [] : [`ENV NODE_EXTRA_CA_CERTS=${file}`]),
    '',
  ].join('\n')
}
