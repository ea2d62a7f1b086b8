import type { FoundByName, JoinedNetwork } from '../model/traffic.ts'

/** What is answered in one network. */
export interface NamesFile {
  network: string
  found: FoundByName[]
}

/** By the address at which the names are asked for in that network. */
export type NamesFiles = Record<string, NamesFile>

/** As read back; `isIntact` when every line is as it was written. */
export type ShownFiles = Record<string, NamesFile & { isIntact: boolean }>

const HEADER = '# network '
const ENTRY = '# found '
/** What a hosts file can hold: anything else would be another word, or end the line. */
const ANSWERABLE = /^[^\s#]+$/

/**
 * A hosts file for dnsmasq that tells in its comments whose the lines are. It is all the state there is, so that what
 * is read back is what is answered.
 */
export function renderNames({ network, found }: NamesFile): string {
  const lines = [`${HEADER}${network}`]
  for (const one of [...found].sort(byOwner)) lines.push(`${ENTRY}${entryText(one)}`, ...answerOf(one))
  return `${lines.join('\n')}\n`
}

/** Reads the lines of all files, each with its address before it. */
export function readNames(shown: string): ShownFiles {
  const texts = new Map<string, string>()
  for (const line of shown.split('\n').filter((text) => text !== '')) {
    const [address = ''] = line.split(' ', 1)
    texts.set(address, `${texts.get(address) ?? ''}${line.slice(address.length + 1)}\n`)
  }
  return Object.fromEntries([...texts].map(([address, text]) => [address, readFile(text)]))
}

/** With a network that is asked in at this address, and what is found in it kept. */
export function joinedTo(files: NamesFiles, network: string, address: string): NamesFiles {
  const found = Object.values(files).flatMap((file) => (file.network === network ? file.found : []))
  return { ...withoutNetwork(files, network), [address]: { network, found } }
}

export function withoutNetwork(files: NamesFiles, network: string): NamesFiles {
  return Object.fromEntries(Object.entries(files).filter(([, file]) => file.network !== network))
}

/**
 * With exactly this leading to the container, by network; nothing for null. Networks that are not joined are left out:
 * `missing` has them.
 */
export function withFound(
  files: NamesFiles,
  { stack, container }: { stack: string; container: string },
  names: Record<string, { address: string; names: string[] }> | null,
): { files: NamesFiles; missing: string[] } {
  const wanted = Object.entries(names ?? {})
  const changed = Object.entries(files).map(([address, file]): [string, NamesFile] => {
    const others = file.found.filter((one) => one.stack !== stack || one.container !== container)
    const own = wanted.filter(([network]) => network === file.network)
    const found = [...others, ...own.map(([, listed]) => ({ stack, container, ...listed }))]
    return [address, { ...file, found }]
  })
  const joined = Object.values(files).map(({ network }) => network)
  return {
    files: Object.fromEntries(changed),
    missing: wanted.map(([network]) => network).filter((network) => !joined.includes(network)),
  }
}

/** By container of the stack: in which network it is found, and how. */
export function foundOf(
  files: NamesFiles,
  stack: string,
): Record<string, Record<string, { address: string; names: string[] }>> {
  const listed: Record<string, Record<string, { address: string; names: string[] }>> = {}
  for (const { network, found } of Object.values(files)) {
    for (const { container, address, names } of found.filter((one) => one.stack === stack)) {
      listed[container] = { ...listed[container], [network]: { address, names } }
    }
  }
  return listed
}

/** Who is found in which network, of all that are asked in. */
export function networksIn(files: NamesFiles): JoinedNetwork[] {
  return Object.entries(files)
    .map(([address, { network, found }]) => ({ network, address, found: [...found].sort(byOwner) }))
    .sort((a, b) => (a.network < b.network ? -1 : 1))
}

function readFile(text: string): NamesFile & { isIntact: boolean } {
  const [header = '', ...lines] = text.split('\n')
  const network = header.startsWith(HEADER) ? header.slice(HEADER.length) : ''
  const found = lines.filter((line) => line.startsWith(ENTRY)).flatMap((line) => entryIn(line) ?? [])
  const file = { network, found }
  return { ...file, isIntact: renderNames(file) === text }
}

function entryText({ stack, container, address, names }: FoundByName): string {
  return JSON.stringify({ stack, container, address, names })
}

/** Null for what somebody else wrote. */
function entryIn(line: string): FoundByName | null {
  try {
    const { stack, container, address, names }: Partial<FoundByName> = JSON.parse(line.slice(ENTRY.length))
    if (stack === undefined || container === undefined || address === undefined || !Array.isArray(names)) return null
    return { stack, container, address, names }
  } catch {
    return null
  }
}

function answerOf({ address, names }: FoundByName): string[] {
  const answered = names.filter((name) => ANSWERABLE.test(name))
  return answered.length === 0 || !ANSWERABLE.test(address) ? [] : [[address, ...answered].join(' ')]
}

function byOwner(a: FoundByName, b: FoundByName): number {
  return `${a.stack} ${a.container}` < `${b.stack} ${b.container}` ? -1 : 1
}
