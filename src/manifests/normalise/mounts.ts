import type { Mount } from '../../model/stack.ts'
import type { Path } from '../path.ts'
import type { MountFile } from '../schema.generated.ts'
import { display, nameAsWritten } from '../shape.ts'
import { closest } from '../suggest.ts'
import { bindOf } from './binds.ts'
import type { ServiceContext } from './context.ts'
import { volumeName } from './names.ts'
import { sizeBytes } from './quantity.ts'
import { configFiles, secretFiles } from './secrets.ts'

/** A mount before it is resolved; `path` is where its source is written. */
interface Request {
  type: 'volume' | 'bind' | 'tmpfs'
  source: string
  target: string
  readOnly: boolean
  size?: string | number | undefined
  path: Path
}

const SHORT_HINT = 'Write `name:/path`, `./path:/path`, either with `:ro` or not; no other options are supported.'

/** Everything that is mounted: volumes, files of the repository, configs, secrets and tmpfs. */
export function mountsOf(context: ServiceContext): PlacedMount[] {
  const volumes = (context.file.volumes ?? []).flatMap((entry, at) => volumeMount(entry, at, context))
  const tmpfs = [context.file.tmpfs ?? []].flat().flatMap((entry, at) => tmpfsMount(entry, at, context))
  const configs = (context.file.configs ?? []).flatMap((_, at) => configMount(at, context))
  const secrets = (context.file.secrets ?? []).flatMap((_, at) => secretMount(at, context))
  const placed = [...volumes, ...configs, ...secrets, ...tmpfs]
  refuseSharedTargets(placed, context)
  return placed
}

/** A mount, and where it is written. */
export interface PlacedMount {
  mount: Mount
  path: Path
  /** Of what is mounted, where that stands apart. */
  sourcePath: Path
}

function volumeMount(entry: MountFile, at: number, context: ServiceContext): PlacedMount[] {
  const path = [...context.path, 'volumes', at]
  const request = typeof entry === 'string' ? shortForm(entry, path, context) : longForm(entry, path)
  if (request === null) return []
  if (!request.target.startsWith('/')) {
    const message = `${display(context.manifest, path)} has no absolute path in the container`
    context.report.error(
      context.manifest.at(path),
      'wrong-value',
      message,
      'The path in the container starts with `/`.',
    )
    return []
  }
  const mount = resolve(request, context)
  return mount === null ? [] : [{ mount, path, sourcePath: request.path }]
}

function longForm(entry: Exclude<MountFile, string>, path: Path): Request {
  const source = entry.source ?? ''
  const placed = entry.source === undefined ? path : [...path, 'source']
  const readOnly = entry.read_only ?? false
  return { type: entry.type, source, target: entry.target, readOnly, size: entry.tmpfs?.size, path: placed }
}

function shortForm(text: string, path: Path, context: ServiceContext): Request | null {
  const [source = '', target, mode = 'rw', ...rest] = text.split(':')
  const modes = mode.split(',')
  if (rest.length > 0 || modes.some((word) => word !== 'ro' && word !== 'rw')) {
    const message = `${display(context.manifest, path)} is not a mount`
    context.report.error(context.manifest.at(path), 'wrong-value', message, SHORT_HINT)
    return null
  }
  if (target === undefined) return { type: 'volume', source: '', target: source, readOnly: false, path }
  return { type: /^[./~]/.test(source) ? 'bind' : 'volume', source, target, readOnly: modes.includes('ro'), path }
}

function resolve(request: Request, context: ServiceContext): Mount | null {
  if (request.type === 'volume') return namedVolume(request, context)
  if (request.type === 'bind') return bindOf(request, context)
  const size = request.size === undefined ? {} : { sizeBytes: sizeBytes(request.size) }
  return { kind: 'tmpfs', target: request.target, ...size }
}

function namedVolume(request: Request, context: ServiceContext): Mount | null {
  const { manifest, report, data } = context
  const place = manifest.at(request.path)
  if (request.source === '') {
    const hint = 'Name the volume: `data:/path`, with `data:` under the top-level volumes.'
    report.error(place, 'unsupported-value', 'A volume without a name is not supported by this version', hint)
    return null
  }
  const known = Object.keys(data.volumes ?? {})
  if (known.includes(request.source)) {
    context.usedVolumes.add(request.source)
    const volume = volumeName(request.source, context)
    return { kind: 'volume', volume, target: request.target, readOnly: request.readOnly }
  }
  const shown = nameAsWritten(request.source, manifest, request.path)
  const hint = request.source.includes('/')
    ? `A path in the repository starts with \`./\`: \`./${shown}\`.`
    : undefinedHint('volumes', shown, known)
  report.error(place, 'unresolved-reference', `The volume \`${shown}\` is not defined`, hint)
  return null
}

function tmpfsMount(entry: string, at: number, context: ServiceContext): PlacedMount[] {
  const path = Array.isArray(context.file.tmpfs) ? [...context.path, 'tmpfs', at] : [...context.path, 'tmpfs']
  const match = /^(\/[^:]*)(?::size=([0-9]+(?:\.[0-9]+)?[kmgtKMGT]?[bB]?))?$/.exec(entry)
  if (match?.[1] === undefined) {
    const message = `${display(context.manifest, path)} is not a tmpfs`
    context.report.error(context.manifest.at(path), 'wrong-value', message, 'Write `/path` or `/path:size=64m`.')
    return []
  }
  const size = match[2] === undefined ? {} : { sizeBytes: sizeBytes(match[2]) }
  return [{ mount: { kind: 'tmpfs', target: match[1], ...size }, path, sourcePath: path }]
}

function configMount(at: number, context: ServiceContext): PlacedMount[] {
  const path = [...context.path, 'configs', at]
  const entry = context.file.configs?.[at] ?? ''
  const given = typeof entry === 'string' ? { source: entry } : entry
  const { source, target = `/${source}` } = given
  if (!isDefined('configs', source, path, context)) return []
  const files = configFiles(given, context)
  const absolute = target.startsWith('/') ? target : `/${target}`
  return files === null ? [] : [{ mount: { kind: 'files', ...files, target: absolute }, path, sourcePath: path }]
}

function secretMount(at: number, context: ServiceContext): PlacedMount[] {
  const path = [...context.path, 'secrets', at]
  const entry = context.file.secrets?.[at] ?? ''
  const given = typeof entry === 'string' ? { source: entry } : entry
  const { source, target = source } = given
  if (!isDefined('secrets', source, path, context)) return []
  const files = secretFiles(given, context)
  const absolute = target.startsWith('/') ? target : `/run/secrets/${target}`
  return files === null ? [] : [{ mount: { kind: 'files', ...files, target: absolute }, path, sourcePath: path }]
}

/** Refuses the name of a config or secret that the top level does not have. */
function isDefined(section: 'configs' | 'secrets', source: string, path: Path, context: ServiceContext): boolean {
  const known = Object.keys(context.data[section] ?? {})
  if (known.includes(source)) return true
  const shown = nameAsWritten(source, context.manifest, path)
  const message = `The ${section.slice(0, -1)} \`${shown}\` is not defined`
  const hint = undefinedHint(section, shown, known)
  context.report.error(context.manifest.at(path), 'unresolved-reference', message, hint)
  return false
}

function refuseSharedTargets(placed: PlacedMount[], context: ServiceContext): void {
  const taken = new Set<string>()
  for (const { mount, path } of placed) {
    const target = mount.target.replace(/(.)\/+$/, '$1')
    if (taken.has(target)) {
      const message = `Two mounts of \`${context.service}\` have the same path in the container`
      context.report.error(context.manifest.at(path), 'duplicate-target', message, 'Give each a path of its own.')
    }
    taken.add(target)
  }
}

/** What to do about a name that is not defined in a section at the top level. */
export function undefinedHint(section: string, name: string, known: readonly string[]): string {
  const similar = closest(name, known)
  return similar === undefined ? `Add \`${name}\` under the top-level ${section}.` : `Did you mean \`${similar}\`?`
}
