/** A git repository and a branch that is followed. */
export interface Source {
  /**
   * The commit at the branch's tip. Costs one ref listing when nothing is new.
   * Rejects with SourceError; the last snapshot stays readable.
   */
  sync(): Promise<Snapshot>
}

/** The files of one commit, read from its objects: there is no work tree. */
export interface Snapshot {
  /** 40 hex digits. */
  commit: string
  /** First line of the commit message. */
  subject: string
  author: string
  /** Every path in the tree, sorted, folders left out. */
  entries: TreeEntry[]
  /** Reads one file; rejects with SourceError when it is larger than `maxBytes`. */
  read(path: string, maxBytes: number): Promise<Uint8Array>
}

export interface TreeEntry {
  path: string
  kind: 'file' | 'symlink' | 'submodule'
}
