import { type LoadedStack, load, loadAll } from '../../src/manifests/load.ts'
import type { ListedFile } from '../../src/manifests/repository.ts'
import type { Problem } from '../../src/model/problem.ts'
import type { Stack } from '../../src/model/stack.ts'

/** What names of secrets are made with. */
export const SECRETS = { key: '5e'.repeat(32), id: '5e5e5e5e' }

export type Files = Record<string, string | Uint8Array>

const COMPOSE = 'stacks/shop/compose.yaml'

/** What a source would list for these files. */
export function listing(files: Files): ListedFile[] {
  return Object.keys(files).map((path) => ({ path, kind: 'file' }))
}

/** Loads a whole repository at once. */
export function loadFiles(files: Files, entries: ListedFile[] = listing(files)): ReturnType<typeof load> {
  const have = Object.entries(files).map(([path, text]) => [path, bytes(text)] as const)
  return load(entries, new Map(have), new Map(), { secrets: SECRETS })
}

/** Loads the stack `shop` from its Compose file and what lies beside it. */
export function loadShop(text: string, beside: Files = {}, more: ListedFile[] = []): LoadedStack {
  const files = { [COMPOSE]: text, ...beside }
  const [stack] = loadFiles(files, [...listing(files), ...more]).stacks
  if (stack === undefined) throw new Error('no stack was found')
  return stack
}

/** The stack `shop`, which must be without errors. */
export function shopOf(text: string, beside: Files = {}): Stack {
  const { stack, problems } = loadShop(text, beside)
  if (stack === null) throw new Error(brief(problems).join('\n'))
  return stack
}

/** `line:column severity code` of each problem; other files than the Compose file by name. */
export function brief(problems: readonly Problem[]): string[] {
  return problems.map(({ file, line, column, severity, code }) => {
    const name = file === COMPOSE ? '' : `${file}:`
    return `${name}${line}:${column} ${severity} ${code}`
  })
}

/** A file with one service `web` that is in order, plus these lines (indented as its keys) and sections. */
export function web(lines: string, sections = ''): string {
  return `services:\n  web:\n    image: web:1\n    healthcheck: { test: "true" }\n${indent(lines)}${sections}`
}

/** The problems of such a file. Its added lines start at line 5. */
export function problemsOf(lines: string, sections = '', beside: Files = {}, more: ListedFile[] = []): string[] {
  return brief(loadShop(web(lines, sections), beside, more).problems)
}

export function bytes(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? new TextEncoder().encode(text) : text
}

export { load, loadAll }

function indent(lines: string): string {
  return lines === '' ? '' : lines.replace(/^/gm, '    ').concat('\n')
}
