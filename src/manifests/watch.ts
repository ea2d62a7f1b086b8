import { digestOf } from '../model/hash.ts'
import { parentsOf, type Repository } from './repository.ts'

/** What was looked at in a commit, and what was there: another commit with the same at these places reads the same. */
export interface Looks {
  /** By path, see `Repository.mark`. */
  marks: ReadonlyMap<string, string | null>
  /** By folder, what names everything below it; the contents are among the marks as far as they were read. */
  folders: ReadonlyMap<string, string>
}

export interface Watched {
  repository: Repository
  looks(): Looks
  /** Everything that was asked for had been read. */
  isWhole(): boolean
  /** Another look at the same files would find the same: nothing failed that may go well next time. */
  isLasting(): boolean
}

/** The same repository, with an eye on what is looked at through it. */
export function watch(repository: Repository): Watched {
  const paths = new Set<string>()
  const folders = new Set<string>()
  const contents = new Set<string>()
  function seen(path: string): string {
    for (const step of [...parentsOf(path), path]) paths.add(step)
    return path
  }
  const marks = () => new Map([...paths].map((path) => [path, repository.mark(path)]))
  return {
    repository: {
      ...repository,
      has: (path) => repository.has(seen(path)),
      isFolder: (path) => repository.isFolder(seen(path)),
      under(folder) {
        folders.add(seen(folder))
        return repository.under(folder)
      },
      content(path, place, report) {
        contents.add(seen(path))
        return repository.content(path, place, report)
      },
      secretContent(path, place, report) {
        contents.add(seen(path))
        return repository.secretContent(path, place, report)
      },
      isEncrypted(path) {
        contents.add(seen(path))
        return repository.isEncrypted(path)
      },
      obstructed: (path, place, report) => repository.obstructed(seen(path), place, report),
    },
    looks: () => ({
      marks: marks(),
      folders: new Map([...folders].map((folder) => [folder, nameOfFolder(folder, repository)])),
    }),
    isWhole: () => ![...contents].some((path) => repository.has(path) && repository.stateOf(path) === 'needed'),
    isLasting() {
      return (
        [...contents].every((path) => repository.stateOf(path) !== 'unreadable') &&
        ![...marks().values()].includes(null)
      )
    },
  }
}

/** Is there in this repository what was there? */
export function stillHolds({ marks, folders }: Looks, repository: Repository): boolean {
  return (
    [...marks].every(([path, mark]) => repository.mark(path) === mark) &&
    [...folders].every(([folder, name]) => nameOfFolder(folder, repository) === name)
  )
}

function nameOfFolder(folder: string, repository: Repository): string {
  return digestOf(repository.under(folder).map(({ path, kind }) => [path, kind]))
}
