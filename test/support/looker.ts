import { Resolver } from 'node:dns/promises'

/**
 * Run in a container's network: looks the names up that it is given, as the container itself would. With `--load` it
 * goes on looking them up until its input ends. Prints what it found as JSON.
 */
const words = process.argv.slice(2)
const isLoad = words[0] === '--load'
const names = isLoad ? words.slice(1) : words
const AT_ONCE = 4

if (isLoad) await load()
else {
  const found = await Promise.all(
    names.map(async (name) => [name, { a: await lookUp(name, 'A'), aaaa: await lookUp(name, 'AAAA') }]),
  )
  process.stdout.write(JSON.stringify(Object.fromEntries(found)))
}

async function load(): Promise<void> {
  let isOver = false
  process.stdin.on('end', () => (isOver = true)).resume()
  const counts: Record<string, number> = {}
  let slowestMs = 0
  const client = async () => {
    while (!isOver) {
      for (const name of names) {
        const begun = performance.now()
        const answer = (await lookUp(name, 'A')).join(' ')
        counts[answer] = (counts[answer] ?? 0) + 1
        slowestMs = Math.max(slowestMs, performance.now() - begun)
      }
    }
  }
  process.stdout.write('\n')
  await Promise.all(Array.from({ length: AT_ONCE }, client))
  process.stdout.write(JSON.stringify({ counts, slowestMs }))
}

/** The addresses, sorted, or the code of the failure. A new socket each time, as a container's programs do. */
async function lookUp(name: string, kind: 'A' | 'AAAA'): Promise<string[]> {
  const resolver = new Resolver({ timeout: 5_000, tries: 1 })
  resolver.setServers(['127.0.0.11'])
  try {
    return (await (kind === 'A' ? resolver.resolve4(name) : resolver.resolve6(name))).sort()
  } catch (error) {
    return [String((error as { code?: unknown }).code)]
  }
}
