import { writeSync } from 'node:fs'
import { lockDirectory } from '../../src/store/lock.ts'

/** Takes the lock and keeps it until it is killed, or says that it was refused. */
const [directory = ''] = process.argv.slice(2)
try {
  lockDirectory(directory)
  writeSync(1, 'locked\n')
  setInterval(() => {}, 60_000)
} catch (error) {
  writeSync(1, `refused: ${String(error)}\n`)
}
