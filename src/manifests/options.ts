/** Settings of the target that decide what a manifest means there. They are not the repository's. */
export interface LoadOptions {
  /** Absolute path on the target. A stack's writable relative binds lie below: `<bindRoot>/<stack>/…`. */
  bindRoot?: string
}
