/**
 * A path of the host in its one spelling: no `.`, no `..`, no doubled or trailing slash. What a link leads to is not
 * known here. Null when it does not begin at the root.
 */
export function hostPath(text: string): string | null {
  if (!text.startsWith('/')) return null
  const parts: string[] = []
  for (const part of text.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** The folder below `bindRoot` that is a stack's own. */
export function stackFolder(bindRoot: string, stack: string): string {
  return `${bindRoot.replace(/\/+$/, '')}/${stack}`
}

/** Whether a path is the folder itself or lies below it; both as `hostPath` has them. */
export function isWithin(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`)
}
