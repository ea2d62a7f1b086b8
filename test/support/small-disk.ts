import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './install.ts'

/** A file system of its own in memory, over a folder. Needs root. */
export interface SmallDisk {
  /** Takes every byte that is left. */
  fill(): void
  free(): void
  unmount(): Promise<void>
}

/** `size` as mount takes it, e.g. `4m`; `options` more of mount's, e.g. `ro`. */
export async function mountSmallDisk(folder: string, size: string, options = ''): Promise<SmallDisk> {
  const all = ['mode=700', `size=${size}`, options].filter(Boolean).join(',')
  await run('mount', ['-t', 'tmpfs', '-o', all, 'holdfast-test', folder])
  const ballast = join(folder, 'ballast')
  return {
    fill: () => fill(ballast),
    free: () => rmSync(ballast, { force: true }),
    unmount: async () => void (await run('umount', ['--lazy', folder])),
  }
}

function fill(file: string): void {
  const opened = openSync(file, 'a', 0o600)
  const block = Buffer.alloc(4096)
  try {
    for (;;) writeSync(opened, block)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    closeSync(opened)
  }
}
