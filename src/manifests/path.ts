/** Where a value sits in a document: keys and list indices from the root. */
export type Path = readonly (string | number)[]

/** A JSON Pointer (RFC 6901), which is also how ajv names places. */
export function pointer(path: Path): string {
  return path.map((part) => `/${escaped(String(part))}`).join('')
}

/** The parts of a JSON Pointer; list indices stay strings. */
export function fromPointer(text: string): string[] {
  if (text === '') return []
  return text.slice(1).split('/').map(unescaped)
}

/** A path as people write it: `services.web.ports[0]`. */
export function readable(path: Path): string {
  return path.map((part, at) => (/^\d+$/.test(String(part)) ? `[${part}]` : `${at > 0 ? '.' : ''}${part}`)).join('')
}

function escaped(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1')
}

function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}
