/** A finding in a manifest, precise enough to mend it without opening another page. */
export interface Problem {
  severity: 'error' | 'warning'
  /** Stable, e.g. `unknown-key`; documented in docs/manifests.md. */
  code: string
  /** What is wrong. */
  message: string
  /** What to do. */
  hint: string
  /** Path in the repository. */
  file: string
  /** From 1; 0 when the finding concerns the whole file. */
  line: number
  column: number
  /** The line with a caret under the place; empty when there is none. */
  excerpt: string
}
