import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Snapshot, SourceSettings } from '../source/source.ts'
import type { Adapters } from './adapters.ts'

/** A running Holdfast keeps its copy of the repository to itself: this look has one of its own. */
export async function withSnapshot<T>(
  source: SourceSettings,
  adapters: Adapters,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-look-'))
  try {
    return await work(await adapters.openSource(source, directory).sync())
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
