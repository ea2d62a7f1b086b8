import { stringify } from 'yaml'
import type { Format } from '../format.ts'
import { goValue } from '../go-value.ts'
import { ownOf, withoutOwn } from './own.ts'
import { requireText } from './text.ts'
import { parseDocuments } from './yaml-tree.ts'

/** YAML, also of several documents; each of them repeats what SOPS adds. */
export const yaml: Format = {
  read(text) {
    const roots = parseDocuments(text)
    return {
      documents: roots.map((root) => ({ root: withoutOwn(root), plain: goValue })),
      metadata: roots[0] ? ownOf(roots[0]) : null,
    }
  },
  /** Quoted so that readers of YAML 1.1 take texts for texts, too. */
  write(documents) {
    const written = documents.map((value) => stringify(requireText(value), { lineWidth: 0, compat: 'yaml-1.1' }))
    return Buffer.from(written.join('---\n'))
  },
}
