import { closest } from './suggest.ts'

/** What Docker gives every container unless it is told otherwise. */
export const DEFAULT_CAPABILITIES = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]

/** Everything else that Linux has. */
const OTHERS = [
  'AUDIT_CONTROL',
  'AUDIT_READ',
  'BLOCK_SUSPEND',
  'BPF',
  'CHECKPOINT_RESTORE',
  'DAC_READ_SEARCH',
  'IPC_LOCK',
  'IPC_OWNER',
  'LEASE',
  'LINUX_IMMUTABLE',
  'MAC_ADMIN',
  'MAC_OVERRIDE',
  'NET_ADMIN',
  'NET_BROADCAST',
  'PERFMON',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_MODULE',
  'SYS_NICE',
  'SYS_PACCT',
  'SYS_PTRACE',
  'SYS_RAWIO',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'SYSLOG',
  'WAKE_ALARM',
]

/** Every capability by its name, and the word for all of them. */
const CAPABILITIES = [...DEFAULT_CAPABILITIES, ...OTHERS, 'ALL'].sort()

/** What somebody may have meant who wrote a capability that there is not. */
export function similarCapability(text: string): string | undefined {
  return closest(text.replace(/^cap_/i, ''), CAPABILITIES)
}

/** As Docker reads it: in any case, with or without `CAP_`. Null when there is no such capability. */
export function capabilityOf(text: string): string | null {
  const name = text.toUpperCase().replace(/^CAP_/, '')
  return CAPABILITIES.includes(name) ? name : null
}
