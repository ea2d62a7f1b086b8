import type { Device, Mount } from '../../model/stack.ts'
import { isWithin } from '../host-path.ts'
import { isOwnFolder } from '../normalise/binds.ts'
import type { PlacedMount } from '../normalise/mounts.ts'
import { devicesOf, type Placed } from '../normalise/privileges.ts'
import type { MadeService } from '../normalise/service.ts'
import type { HostFolder } from '../policy/policy.ts'
import { display } from '../shape.ts'
import { type Judge, refuse } from './policy-verdict.ts'

type Bind = Extract<Mount, { kind: 'bind' }>

/** Files and devices of the host. What a link on the host leads to cannot be known here. */
export function checkHost(made: MadeService, judge: Judge): void {
  for (const placed of made.mounts) {
    if (placed.mount.kind === 'bind') checkBind(placed.mount, placed, made, judge)
  }
  for (const device of devicesOf(made.context)) checkDevice(device, made, judge)
}

function checkBind(bind: Bind, placed: PlacedMount, made: MadeService, judge: Judge): void {
  const socket = socketIn(bind.source, judge.sockets)
  if (socket !== null && !judge.rules.dockerSocket) refuseSocket(bind, placed, made, judge)
  if (socket === bind.source || isOwnFolder(bind.source, made.context)) return
  if (judge.rules.hostPaths.some((folder) => covers(folder, bind))) return
  const shown = display(made.context.manifest, placed.sourcePath)
  const isAllowedReadOnly = judge.rules.hostPaths.some((folder) => covers(folder, { ...bind, readOnly: true }))
  refuse(judge, {
    code: 'policy-host-path',
    place: made.context.manifest.at(placed.sourcePath),
    message: `\`${made.service.name}\` mounts a path of the host${isAllowedReadOnly ? ' writable' : ''}: ${shown}`,
    instead: isAllowedReadOnly
      ? 'Add `:ro` (read_only: true): it may be mounted read-only.'
      : 'Use a named volume for data, or a file of the repository (`./file:/path:ro`) for configuration.',
    setting: 'hostPaths',
  })
}

/** The root folder stands for itself alone: as the beginning of paths it would allow everything. */
function covers(folder: HostFolder, { source, readOnly }: Bind): boolean {
  if (folder.readOnly && !readOnly) return false
  return folder.path === '/' ? source === '/' : isWithin(source, folder.path)
}

function refuseSocket({ source }: Bind, { sourcePath }: PlacedMount, { service, context }: MadeService, judge: Judge) {
  const isFolder = socketIn(source, judge.sockets) !== source
  const what = isFolder ? 'a folder that may hold the Docker socket' : 'the Docker socket'
  refuse(judge, {
    code: 'policy-docker-socket',
    place: context.manifest.at(sourcePath),
    message: `\`${service.name}\` mounts ${what}; whoever has it is root on the host, also when it is read-only`,
    instead: isFolder ? 'Mount a folder below it.' : 'Remove it.',
    setting: 'dockerSocket',
  })
}

/** Whatever folder they lie in: nothing else is called so. */
const SOCKET = /\/(docker|containerd|podman|crio|buildkitd|balena-engine)\.sock$/

/** Folders in which engines keep their sockets. */
const FOLDERS = ['/run', '/var/run'].flatMap((run) =>
  ['docker.sock', 'containerd/containerd.sock', 'docker/containerd/containerd.sock', 'podman/podman.sock'].map(
    (name) => `${run}/${name}`,
  ),
)
/** That of an engine which is not root's. */
const OF_A_USER = /^\/(var\/)?run(\/user(\/\d+)?)?$/

/** The path itself when it is the socket of an engine, something else when it may hold one, null when it does not. */
function socketIn(path: string, sockets: readonly string[]): string | null {
  const known = [...FOLDERS, ...sockets]
  if (SOCKET.test(path) || known.includes(path)) return path
  return OF_A_USER.test(path) ? `${path}/` : (known.find((socket) => isWithin(socket, path)) ?? null)
}

function checkDevice({ value, path }: Placed<Device>, { service, context }: MadeService, judge: Judge): void {
  if (judge.rules.devices.some((pattern) => isDevice(value.source, pattern))) return
  const isLong = typeof context.file.devices?.[Number(path.at(-1))] === 'object'
  const place = isLong ? [...path, 'source'] : path
  refuse(judge, {
    code: 'policy-device',
    place: context.manifest.at(place),
    message: `\`${service.name}\` uses a device of the host: ${display(context.manifest, place)}`,
    instead: 'Remove it.',
    setting: 'devices',
  })
}

function isDevice(source: string, pattern: string): boolean {
  return pattern.endsWith('*') ? source.startsWith(pattern.slice(0, -1)) : isWithin(source, pattern)
}
