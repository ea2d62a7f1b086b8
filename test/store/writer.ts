import { writeSync } from 'node:fs'
import { emptyRecord } from '../../src/model/record.ts'
import { openStore } from '../../src/store/sqlite.ts'

/** Saves a counter for ever, and prints each value once the store has returned from saving it. */
const [directory = '', start = '0'] = process.argv.slice(2)
const store = openStore(directory)
for (let n = Number(start) + 1; ; n += 1) {
  store.save('shop', { record: { ...emptyRecord(), stable: String(n) } })
  store.append({ stack: 'shop', kind: 'step', release: null, message: String(n), logs: [] })
  writeSync(1, `${n}\n`)
}
