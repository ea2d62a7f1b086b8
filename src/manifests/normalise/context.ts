import type { FileSet } from '../../model/stack.ts'
import type { Variables } from '../interpolate.ts'
import type { LoadOptions, TargetOptions } from '../options.ts'
import type { Path } from '../path.ts'
import type { Report } from '../report.ts'
import type { Repository } from '../repository.ts'
import type { ServiceFile, StackFile } from '../schema.generated.ts'
import type { Manifest } from '../yaml.ts'

/** What every part of a stack's normalisation needs. */
export interface StackContext {
  stack: string
  /** Folder of the Compose file in the repository; `''` for the root. */
  folder: string
  manifest: Manifest
  data: StackFile
  repository: Repository
  variables: Variables
  /** JSON Pointers of values in the data that are made of secrets. */
  secret: ReadonlySet<string>
  report: Report
  options: LoadOptions
  /** What the settings say of the target that the stack runs on. */
  target: TargetOptions
  /** Collected on the way: file sets by name, and the keys of networks and volumes in use. */
  files: Map<string, FileSet>
  usedNetworks: Set<string>
  usedVolumes: Set<string>
}

export interface ServiceContext extends StackContext {
  service: string
  file: ServiceFile
  /** Of the service in the document. */
  path: Path
}

type Loose<T> = { [K in keyof T]: Record<never, never> extends Pick<T, K> ? T[K] | undefined : T[K] }

/** The object without members that are undefined: optional members are absent, as the model has it. */
export function present<T extends object>(object: Loose<T>): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}

/** What names of secrets are made with. */
export function namingKey({ options }: StackContext): { key: string; id: string } {
  if (options.secrets) return options.secrets
  throw new Error('a manifest with secrets was read without the key for their names; this is a bug in Holdfast')
}
