/** What an engine and its host tell of themselves, for `doctor`. */
export interface EngineFacts {
  version: string
  apiVersion: string
  platform: string
  kind: 'plain' | 'desktop' | 'rootless'
  /** How far its clock is ahead of this machine's, as exactly as the call lets tell. */
  aheadMs: number
  /** Whether its host passes packets on between networks. */
  forwards: boolean
  /** What it warns of itself. */
  warnings: string[]
  /** Free bytes where it keeps images and volumes; null where that is not on this machine. */
  freeBytes: number | null
  /** Its folder for images and volumes, on its host. */
  dataFolder: string
  /** Subnets that are taken by others than networks of ours: routes of its host, and networks; in CIDR notation. */
  taken: string[]
}

/** What Docker's own configuration says of logins to registries. */
export interface RegistryLogins {
  /** The file that was read. */
  file: string
  /** How many registries it has credentials for, helpers counted. */
  count: number
  /** Programs of credential helpers that it names and that are not in PATH. */
  missing: string[]
}
