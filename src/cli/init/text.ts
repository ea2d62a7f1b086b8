import { formatProblem } from '../../manifests/format.ts'
import type { Problem } from '../../model/problem.ts'

/** What becomes of a folder of Compose files. */
export interface Initiated {
  /** Absolute. */
  directory: string
  files: { path: string; action: 'write' | 'keep' }[]
  stacks: { name: string; from: string; valid: boolean; problems: Problem[] }[]
  /** 40 hex digits; null when nothing was committed. */
  commit: string | null
}

/** A command to type next, and what for. */
export interface Next {
  command: string
  why: string
}

export function nextCommands({ directory, files, stacks, commit }: Initiated): Next[] {
  const here = quoted(directory)
  const repo = `--repo ${here} --data ./holdfast-data`
  const top = [...new Set(files.map(({ path }) => path.split('/')[0] ?? path))].sort().join(' ')
  const git = `git -C ${here} init -b main && git -C ${here} add ${top} && git -C ${here} commit -m "Describe what runs"`
  const [first] = stacks
  return [
    ...(stacks.every(({ valid }) => valid)
      ? []
      : [{ command: `holdfast validate ${here}`, why: 'after each change, until it finds no error' }]),
    ...(commit === null ? [{ command: git, why: 'Holdfast follows commits' }] : []),
    { command: `holdfast plan ${repo}`, why: 'what would happen, step by step' },
    { command: `holdfast run ${repo}`, why: 'follow the repository from now on' },
    ...(first === undefined
      ? []
      : [
          { command: `holdfast adopt ${first.name} ${repo}`, why: 'take over what docker compose runs, with its data' },
        ]),
  ]
}

export function initLines(done: Initiated, next: Next[], isDry: boolean): string[] {
  const { directory, files, stacks, commit } = done
  const verb = isDry ? 'would write' : 'wrote'
  return [
    `${directory}:`,
    ...files.map(({ path, action }) => `  ${action === 'write' ? verb : 'kept'} ${path}`),
    ...(commit === null ? [] : [`  committed ${commit.slice(0, 8)}`]),
    '',
    ...stacks.flatMap((stack) => stackLines(stack)),
    '',
    'Next:',
    ...next.flatMap(({ command, why }) => [`  ${command}`, `      ${why}`]),
  ]
}

function stackLines({ name, from, valid, problems }: Initiated['stacks'][number]): string[] {
  return [`${name}, from ${from}: ${valid ? 'valid' : 'has errors'}`, ...problems.map(formatProblem)]
}

/** As a shell takes it for one word. */
function quoted(path: string): string {
  return /^[\w./:@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}
