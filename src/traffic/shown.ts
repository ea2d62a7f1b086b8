import type { ReplicaState } from '../model/traffic.ts'
import type { RunningServer } from './changes.ts'
import { type Counts, countsIn } from './counts.ts'
import { type GatewayState, stateFrom } from './state.ts'

/** What the gateway shows of itself. */
export interface ShownGateway {
  state: GatewayState
  /** SHA-256 of the configuration on its disk. */
  digest: string
  /** Of the configuration that its current process runs with. */
  structure: string
  /** Ports that others had when it started: it does without them. */
  leftOut: number[]
  /** By name of the file, in the folder of certificates: SHA-256. */
  certificates: Record<string, string>
  /** As the current process has them. */
  servers: ShownServer[]
  /** What the current process has counted of each part, those that do not lead to replicas among them. */
  parts: { backend: string; counts: Counts }[]
  /** For so long the current process has been running. */
  runsForMs: number
  /** What they are busy with in processes of earlier configurations. */
  earlier: BusyServer[]
  /** Addresses that are listened on on the host, as the kernel shows them. Only where they were asked for. */
  listening: string[]
}

export interface ShownServer extends RunningServer {
  /** Its last check found it. */
  isUp: boolean
  /** What becomes of it: one that is up stays so until its check has failed more than once. */
  state: ReplicaState
  counts: Counts
}

export type BusyServer = Pick<RunningServer, 'backend' | 'name' | 'address' | 'current'>

const SECTION = '%% '

/** Reads what `gateway-show` prints; null where it broke off. */
export function readShown(printed: string): ShownGateway | null {
  const sections = sectionsOf(printed)
  const configuration = sections.find(({ title }) => title === 'configuration')
  const current = sections.find(({ title }) => title === 'current')
  if (configuration === undefined || current === undefined || sections.at(-1)?.title !== 'end') return null
  const linesOf = (title: string) => sections.find((section) => section.title === title)?.lines ?? []
  const stats = table(current.lines, ',')
  return {
    state: stateFrom(configuration.lines),
    digest: configuration.word,
    structure: wordIn(linesOf('info'), 'description'),
    leftOut: linesOf('left-out').map(Number),
    certificates: Object.fromEntries(linesOf('certificates').map(digestIn)),
    servers: table(linesOf('servers'), ' ').map((row) => serverOf(row, stats)),
    parts: stats
      .filter((stat) => stat['svname'] === 'BACKEND')
      .map((stat) => ({ backend: stat['pxname'] ?? '', counts: countsIn(stat) })),
    runsForMs: 1000 * Number(wordIn(linesOf('info'), 'uptime_sec')),
    earlier: sections.filter(({ title }) => title === 'earlier').flatMap(({ lines }) => table(lines, ',').map(busyOf)),
    listening: linesOf('listening'),
  }
}

interface Section {
  title: string
  word: string
  lines: string[]
}

function sectionsOf(printed: string): Section[] {
  const sections: Section[] = []
  for (const line of printed.split('\n')) {
    if (line.startsWith(SECTION)) {
      const [title = '', word = ''] = line.slice(SECTION.length).split(' ')
      sections.push({ title, word, lines: [] })
    } else if (line !== '') sections.at(-1)?.lines.push(line)
  }
  return sections
}

/** Of lines `Key: word`; empty where there is none. */
function wordIn(lines: string[], key: string): string {
  const line = lines.find((one) => one.toLowerCase().startsWith(`${key}: `)) ?? ''
  return (
    line
      .slice(key.length + 1)
      .trim()
      .split(' ')[0] ?? ''
  )
}

/** Columns by the names in the line that begins with `# `. */
function table(lines: string[], separator: string): Record<string, string>[] {
  const header = lines.findIndex((line) => line.startsWith('# '))
  if (header < 0) return []
  const columns = lines[header]?.slice(2).split(separator) ?? []
  return lines.slice(header + 1).map((line) => {
    const words = line.split(separator)
    return Object.fromEntries(columns.map((column, index) => [column, words[index] ?? '']))
  })
}

function serverOf(row: Record<string, string>, stats: Record<string, string>[]): ShownServer {
  const { be_name: backend = '', srv_name: name = '', srv_addr: host = '', srv_port: port = '' } = row
  const stat = stats.find((one) => one['pxname'] === backend && one['svname'] === name) ?? {}
  // Any bit would be one that somebody has set to keep requests away.
  const isOpen = row['srv_admin_state'] === '0'
  return {
    backend,
    name,
    address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    isOpen,
    // A server counts as up before its first check: only the check itself tells. While one is under way it has a star.
    isUp: /^(\* )?L\dOKC?$/.test(stat['check_status'] ?? '') && /^(UP|DRAIN)/.test(stat['status'] ?? ''),
    state: isOpen ? checkedState(stat) : 'draining',
    current: Number(stat['scur'] ?? 0),
    counts: countsIn(stat),
  }
}

function checkedState(stat: Record<string, string>): ReplicaState {
  if (stat['status']?.startsWith('DOWN')) return 'down'
  return /^(\* )?(INI|UNK)?$/.test(stat['check_status'] ?? '') ? 'unchecked' : 'up'
}

function busyOf(stat: Record<string, string>): BusyServer {
  const { pxname: backend = '', svname: name = '', addr: address = '', scur = '0' } = stat
  return { backend, name, address, current: Number(scur) }
}

function digestIn(line: string): [string, string] {
  const [digest = '', path = ''] = line.split(/\s+/)
  return [path.split('/').at(-1) ?? '', digest]
}
