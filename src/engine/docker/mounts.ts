import type Docker from 'dockerode'
import type { Mount } from '../../model/stack.ts'

/** Where the engine keeps each volume of files on its host, by volume name. */
export type Mountpoints = Record<string, string>

/** What a container is asked to mount. Volumes that its image brings are not among it. */
export function mountsIn({ Mounts, Binds }: Docker.HostConfig): Mount[] {
  return [...(Mounts ?? []).map(mountIn), ...(Binds ?? []).map(bindIn)]
}

/**
 * Folders of the host are asked for in the old way: that makes the ones that are missing, on every engine. A colon in
 * a path has a meaning there.
 */
export function bindsOf(mounts: Mount[]): string[] {
  return mounts.flatMap((mount) => (isPlainBind(mount) ? [bindText(mount)] : []))
}

/** All other mounts. */
export function mountsOf(mounts: Mount[], mountpoints: Mountpoints): Docker.MountSettings[] {
  return mounts.filter((mount) => !isPlainBind(mount)).map((mount) => mountOf(mount, mountpoints))
}

type Bind = Extract<Mount, { kind: 'bind' }>

function isPlainBind(mount: Mount): mount is Bind {
  return mount.kind === 'bind' && !mount.source.includes(':') && !mount.target.includes(':')
}

function bindText({ source, target, readOnly }: Bind): string {
  return `${source}:${target}${readOnly ? ':ro' : ''}`
}

function bindIn(text: string): Mount {
  const [source = '', target = '', options = ''] = text.split(':')
  const readOnly = options.split(',').includes('ro')
  if (!source.startsWith('/')) return { kind: 'volume', volume: source, target, readOnly }
  return { kind: 'bind', source, target, readOnly }
}

function mountIn({ Type, Source, Target, ReadOnly, VolumeOptions, TmpfsOptions }: Docker.MountSettings): Mount {
  const readOnly = ReadOnly ?? false
  if (Type === 'tmpfs') return { kind: 'tmpfs', target: Target, sizeBytes: TmpfsOptions?.SizeBytes ?? 0 }
  if (Type !== 'volume') return { kind: 'bind', source: Source, target: Target, readOnly }
  const isFiles = readOnly && VolumeOptions?.NoCopy === true
  return isFiles
    ? { kind: 'files', volume: Source, path: '', target: Target }
    : { kind: 'volume', volume: Source, target: Target, readOnly }
}

function mountOf(mount: Mount, mountpoints: Mountpoints): Docker.MountSettings {
  if (mount.kind === 'tmpfs') {
    return {
      Type: 'tmpfs',
      Source: '',
      Target: mount.target,
      TmpfsOptions: { SizeBytes: mount.sizeBytes ?? 0, Mode: 0o1777 },
    }
  }
  if (mount.kind === 'volume') {
    return { Type: 'volume', Source: mount.volume, Target: mount.target, ReadOnly: mount.readOnly }
  }
  if (mount.kind === 'bind') {
    return { Type: 'bind', Source: mount.source, Target: mount.target, ReadOnly: mount.readOnly }
  }
  // One file of a volume can only be bound by its place on the engine's host.
  if (mount.path !== '') {
    return {
      Type: 'bind',
      Source: `${mountpoints[mount.volume] ?? ''}/${mount.path}`,
      Target: mount.target,
      ReadOnly: true,
    }
  }
  // NoCopy: the files hide what the image has there, as a bind mount does, instead of mixing with it.
  const VolumeOptions = { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } }
  return { Type: 'volume', Source: mount.volume, Target: mount.target, ReadOnly: true, VolumeOptions }
}
