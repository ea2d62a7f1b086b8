/** Settings of the target that decide what a manifest means there. They are not the repository's. */
export interface LoadOptions {
  /** Absolute path on the target. A stack's writable relative binds lie below: `<bindRoot>/<stack>/…`. */
  bindRoot?: string
  /** What names of secrets are made with; a manifest with secrets cannot be read without it. */
  secrets?: { key: string; id: string }
}
