/** Of the kernel's own, those that each container has for itself. */
const OF_THE_CONTAINER = [
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shm_rmid_forced',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'fs.mqueue.*',
  'net.*',
]

/** Parameters of a container's own namespaces, which the host does not notice, by the names that the kernel gives. */
export const SAFE_SYSCTLS: readonly string[] = OF_THE_CONTAINER

/** A name with dots; others mean paths to some runtimes, and nobody can say which. */
export function isSysctlName(name: string): boolean {
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/i.test(name)
}
