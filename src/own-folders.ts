import { hostPath, isWithin, stackFolder } from './manifests/host-path.ts'
import type { LoadOptions } from './manifests/options.ts'
import { HoldfastError } from './model/errors.ts'
import type { Stack } from './model/stack.ts'
import type { OwnFolder } from './store/store.ts'

/** The folders below `bindRoot` that a stack mounts, as absolute paths on its target. */
export function ownFoldersOf({ name, target, services }: Stack, { targets = {} }: LoadOptions = {}): OwnFolder[] {
  const root = Object.hasOwn(targets, target) ? targets[target]?.bindRoot : undefined
  if (root === undefined) return []
  const home = stackFolder(root, name)
  return Object.values(services)
    .flatMap(({ container }) => container.mounts)
    .flatMap((mount) =>
      mount.kind === 'bind' ? { path: hostPath(mount.source) ?? '', writable: !mount.readOnly } : [],
    )
    .filter(({ path }) => isWithin(path, home))
}

/**
 * A container can put a link into a folder that it may write to, and the engine would follow it: a mount below such a
 * folder may so lead anywhere on the host. The engine cannot be asked what is a link, and a rollback mounts again what was
 * mounted before; so of all the folders that a stack ever had, none that was writable may lie above another one.
 * Throws a HoldfastError that names the two.
 */
export function assertApart(folders: readonly OwnFolder[], before: readonly OwnFolder[]): void {
  const all = [...before, ...folders]
  for (const folder of folders) {
    const outer = all.find((other) => other.writable && isAbove(other, folder))
    if (outer) throw nested(outer, folder)
    const inner = folder.writable ? all.find((other) => isAbove(folder, other)) : undefined
    if (inner) throw nested(folder, inner)
  }
}

function isAbove(outer: OwnFolder, inner: OwnFolder): boolean {
  return inner.path !== outer.path && isWithin(inner.path, outer.path)
}

function nested(outer: OwnFolder, inner: OwnFolder): HoldfastError {
  const text = `Its folder ${inner.path} lies in ${outer.path}, which its containers can write to, now or in another release`
  const why = 'a link that they put there could lead anywhere on the host'
  return new HoldfastError('terminal', `${text}: ${why}. Mount folders that lie beside each other.`)
}
