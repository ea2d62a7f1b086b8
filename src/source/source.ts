/** A git repository, what of it is followed, and what it takes to read it. */
export interface SourceSettings {
  /** `http:`, `https:`, `ssh:` or `file:` URL, `user@host:path`, or a path. */
  url: string
  at: At
  http?: {
    username?: string
    password?: string
    token?: string
    /** Certificates of the authority that signed the server's, PEM. */
    ca?: string
    /** URL of an HTTP proxy. */
    proxy?: string
  }
  ssh?: {
    /** Path of the private key. */
    key?: string
    passphrase?: string
    /** Path of the trusted host keys. */
    knownHosts?: string
    /** Socket of an agent. */
    agent?: string
  }
  /** Whose signature a commit must carry: an allowed-signers file, an armored keyring. Absent: nobody's. */
  signers?: { ssh?: string; gpg?: string }
}

/** A branch or tag by its name, or one commit by its 40 digits. */
export interface At {
  kind: 'branch' | 'tag' | 'commit'
  name: string
}

/** A git repository and what of it is followed. */
export interface Source {
  /**
   * The commit that is followed now. Costs one ref listing when nothing is new, and nothing at all for a fixed commit.
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
  /** Why the commit is not to be followed, and what to do: nothing of it can be read then. Null when it is trusted. */
  untrusted: string | null
  /** Reads one file; rejects with SourceError when it is larger than `maxBytes`. */
  read(path: string, maxBytes: number): Promise<Uint8Array>
}

export interface TreeEntry {
  path: string
  kind: 'file' | 'symlink' | 'submodule'
  /** Names the content: another one when the content is another. */
  id: string
}
