import { writeSync } from 'node:fs'
import { lockDirectory } from '../../src/store/lock.ts'

/** Takes the lock, says so, and keeps it until it is killed. */
const [directory = ''] = process.argv.slice(2)
lockDirectory(directory)
writeSync(1, 'locked\n')
setInterval(() => {}, 60_000)
