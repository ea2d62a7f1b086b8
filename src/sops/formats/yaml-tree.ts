import { isAlias, isMap, isScalar, isSeq, type ParsedNode, parseAllDocuments, type YAMLMap } from 'yaml'
import { Refusal } from '../refusal.ts'
import { type Branch, MAX_DEPTH, type Written } from '../tree.ts'

const TEXT_TAG = 'tag:yaml.org,2002:str'

/** The documents of a YAML text, as they are written. Throws a Refusal that quotes nothing of it. */
export function parseDocuments(text: string): Branch[] {
  return parse(text).map(({ contents }) => branchOf(contents))
}

function parse(text: string): { contents: ParsedNode | null }[] {
  const documents = parseLeniently(text)
  for (const { errors, warnings } of documents) {
    const [fault] = [...errors, ...warnings]
    const line = fault?.linePos?.[0].line
    if (fault) throw new Refusal(`it is not YAML that can be read${line ? `, see its line ${line}` : ''}`)
  }
  return documents
}

/** Every scalar stays a text. Twins among keys are looked for later: the parser's own search takes long. */
function parseLeniently(text: string) {
  try {
    const documents = parseAllDocuments(text, { schema: 'failsafe', uniqueKeys: false, stringKeys: true })
    return 'empty' in documents ? [] : documents
  } catch {
    throw new Refusal(`it has more than ${MAX_DEPTH} levels`)
  }
}

function branchOf(contents: ParsedNode | null): Branch {
  if (contents === null) return new Map()
  if (isMap(contents)) return convertMap(contents, 0)
  if (isScalar(contents) && contents.source === '') return new Map()
  throw new Refusal('it is neither a map of keys and values nor anything else that SOPS encrypts')
}

function convert(node: unknown, depth: number): Written {
  if (depth > MAX_DEPTH) throw new Refusal(`it has more than ${MAX_DEPTH} levels`)
  if (isAlias(node)) throw new Refusal('it has an alias (`*name`), which SOPS never writes: it was changed by hand')
  if (isMap(node)) return convertMap(node, depth)
  if (isSeq(node)) return node.items.map((item) => convert(item, depth + 1))
  if (!isScalar(node)) return { text: '', plain: true }
  if (node.tag !== undefined && node.tag !== TEXT_TAG)
    throw new Refusal('it has a tag (`!name`), which is not supported')
  const plain = node.type === 'PLAIN' && node.tag === undefined
  return { text: String(node.value ?? ''), plain }
}

function convertMap(node: YAMLMap, depth: number): Branch {
  const branch: Branch = new Map()
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : ''
    if (branch.has(name)) throw new Refusal('a key stands twice in one of its maps: it was changed by hand')
    branch.set(name, convert(value, depth + 1))
  }
  return branch
}
