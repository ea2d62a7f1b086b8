/** A closed set. `RolledBack`: git's release is quarantined and the stable one runs; it is never a success. */
export type SyncStatus = 'Synced' | 'OutOfSync' | 'Drifted' | 'RolledBack' | 'Blocked' | 'Suspended' | 'Unknown'

/** A closed set; for several, the worst wins. */
export type HealthStatus = 'Healthy' | 'Progressing' | 'Degraded' | 'Missing' | 'Unknown'

export interface StackStatus {
  sync: SyncStatus
  health: HealthStatus
  /** One sentence for a person: what is going on, to what, and what to do when something is to be done. */
  message: string
  /** Ready and wanted replicas by service. */
  services: Record<string, { ready: number; wanted: number }>
}
