import { LABEL } from '../../model/labels.ts'
import type { FileSet } from '../../model/stack.ts'
import type { StepArguments } from '../../model/steps.ts'
import { type ArchivedFile, archiveOf } from './archive.ts'
import { orNull } from './errors.ts'
import { type Owner, ownerOf } from './owner.ts'
import { assertOurs, type Context, ownLabels } from './ownership.ts'

const PLACE = '/files'

interface Access extends Owner {
  mode: number
}

/** Readable and executable for every user: scripts are mounted as often as configuration. */
const EVERYBODY: Access = { uid: 0, gid: 0, mode: 0o555 }

/** The container through which a volume of files is filled. While it exists the volume is not complete. */
export function fillerOf(volume: string): string {
  return `${volume}-filling`
}

/** The volume a filler container belongs to. */
export function volumeOfFiller(container: string): string {
  return container.replace(/-filling$/, '')
}

/**
 * Puts files of the commit into a volume with nothing but the engine's API: the archive call writes into a volume of a
 * container that was created and never started. Cut off anywhere, it is repeated from the start.
 */
export async function createFiles(context: Context, stack: string, args: StepArguments['create-files']): Promise<void> {
  const filler = context.quick.getContainer(fillerOf(args.volume))
  const [left, volume] = await Promise.all([
    orNull(filler.inspect()),
    orNull(context.quick.getVolume(args.volume).inspect()),
  ])
  if (left !== null) assertOurs(context, stack, 'container', fillerOf(args.volume), left.Config.Labels)
  if (volume !== null) assertOurs(context, stack, 'volume', args.volume, volume.Labels)
  if (volume !== null && left === null) return
  if (left === null) await createFiller(context, stack, args)
  const wanted = args.files.secret ?? args.files.owner
  const access = wanted ? { ...(await ownerOf(filler, wanted)), mode: wanted.mode } : EVERYBODY
  await filler.putArchive(await archiveOf(withAccess(args.files.contents, access)), { path: PLACE })
  await orNull(filler.remove({ force: true }))
}

/** Refuses volumes that hold anything but files of a commit: data are never removed. */
export async function removeFiles(context: Context, stack: string, volume: string): Promise<void> {
  const found = await orNull(context.quick.getVolume(volume).inspect())
  if (found === null) return
  const isFiles = found.Labels?.[LABEL.role] === 'files'
  assertOurs(context, stack, 'volume', volume, isFiles ? found.Labels : null)
  await orNull(context.quick.getVolume(volume).remove())
}

async function createFiller(context: Context, stack: string, args: StepArguments['create-files']): Promise<void> {
  const labelled = (name: string) => ({ ...ownLabels(context.instance, stack, name), [LABEL.role]: 'files' })
  const name = fillerOf(args.volume)
  const DriverConfig = { Name: 'local', Options: {} }
  const VolumeOptions = { NoCopy: true, Labels: labelled(args.volume), DriverConfig }
  await context.quick.createContainer({
    name,
    Image: args.image,
    // It never runs; an image without a command would be refused otherwise.
    Entrypoint: ['/holdfast-never-runs'],
    Labels: labelled(name),
    NetworkDisabled: true,
    HostConfig: {
      NetworkMode: 'none',
      Mounts: [{ Type: 'volume', Source: args.volume, Target: PLACE, VolumeOptions }],
    },
  })
}

function withAccess(contents: FileSet['contents'], access: Access): Record<string, ArchivedFile> {
  const files = Object.entries(contents).map(([path, content]) => [
    path,
    { content: Buffer.from(content, 'base64'), ...access },
  ])
  return Object.fromEntries(files)
}
