import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './install.ts'

export function isDebian(): boolean {
  return existsSync('/usr/bin/apt-get')
}

/** Where the files of a downloaded package are kept. */
export function debianFolder(name: string): string {
  return join(tmpdir(), `holdfast-${name}`)
}

/** Path of one file of a Debian package: downloaded once and kept in the system's temp folder, not installed. */
export async function debianFile(name: string, path: string): Promise<string> {
  const kept = debianFolder(name)
  if (existsSync(join(kept, path))) return join(kept, path)
  const work = await mkdtemp(`${kept}-`)
  try {
    await download(name, work).catch(async () => {
      // A fresh machine has no package lists yet, an old one has stale ones.
      await run('apt-get', ['update'])
      await download(name, work)
    })
    const archive = (await readdir(work)).find((file) => file.endsWith('.deb'))
    if (archive === undefined) throw new Error(`\`apt-get download ${name}\` left no package.`)
    await mkdir(join(work, 'root'))
    await run('dpkg-deb', ['-x', join(work, archive), join(work, 'root')])
    // Another run may have been faster; its copy is as good.
    await rename(join(work, 'root'), kept).catch(() => {})
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return join(kept, path)
}

function download(name: string, folder: string): Promise<string> {
  // apt drops its privileges for a download and could not write into a folder of root's alone.
  return run('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', name], folder)
}
