import { type LoadedStack, load, loadAll } from '../../src/manifests/load.ts'
import type { LoadOptions } from '../../src/manifests/options.ts'
import type { ListedFile } from '../../src/manifests/repository.ts'
import type { Problem } from '../../src/model/problem.ts'
import type { Service, Stack } from '../../src/model/stack.ts'

/** What names of secrets are made with. */
export const SECRETS = { key: '5e'.repeat(32), id: '5e5e5e5e' }

export type Files = Record<string, string | Uint8Array>

const COMPOSE = 'stacks/shop/compose.yaml'

/** What a source would list for these files. */
export function listing(files: Files): ListedFile[] {
  return Object.keys(files).map((path) => ({ path, kind: 'file' }))
}

/** Loads a whole repository at once. */
export function loadFiles(
  files: Files,
  entries: ListedFile[] = listing(files),
  options: LoadOptions = {},
): ReturnType<typeof load> {
  const have = Object.entries(files).map(([path, text]) => [path, bytes(text)] as const)
  return load(entries, new Map(have), new Map(), { secrets: SECRETS, ...options })
}

/** Loads the stack `shop` from its Compose file and what lies beside it. */
export function loadShop(
  text: string,
  beside: Files = {},
  more: ListedFile[] = [],
  options: LoadOptions = {},
): LoadedStack {
  const files = { [COMPOSE]: text, ...beside }
  const { stacks } = loadFiles(files, [...listing(files), ...more], options)
  const stack = stacks.find(({ name }) => name === 'shop')
  if (stack === undefined) throw new Error('no stack was found')
  return stack
}

/** The stack `shop`, which must be without errors. */
export function shopOf(text: string, beside: Files = {}): Stack {
  const { stack, problems } = loadShop(text, beside)
  if (stack === null) throw new Error(brief(problems).join('\n'))
  return stack
}

/** What is said about each stack of a repository, by its name: codes and messages. Each text is `stacks/<name>/compose.yaml`. */
export function saidOf(texts: Record<string, string>): Record<string, string[]> {
  const files = Object.entries(texts).map(([name, text]) => [`stacks/${name}/compose.yaml`, text])
  const { stacks } = loadFiles(Object.fromEntries(files))
  return Object.fromEntries(
    stacks.map(({ name, problems }) => [name, problems.map(({ code, message }) => `${code}: ${message}`)]),
  )
}

/** The service `web` of such a file as `web` makes it, which must be without errors. */
export function webOf(lines: string, sections = ''): Service {
  const service = shopOf(web(lines, sections)).services['web']
  if (service === undefined) throw new Error('there is no service web')
  return service
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
