import { StepFailed } from '../../../model/errors.ts'
import type { ArchivedFile } from '../archive.ts'
import type { Context } from '../ownership.ts'
import { type Answer, openShell, type Shell } from './shell.ts'

/** Shells that are open, by container; a connection knows only its own. */
const known = new WeakMap<Context['listings'], Map<string, Promise<Shell>>>()

/**
 * Runs a command in one of our containers to its end; `output` is all that it printed. Rejects with StepFailed when it takes
 * too long, with ShellLost when the container stops, and as the engine does when it does not run.
 */
export async function execIn(context: Context, container: string, command: string[]): Promise<Answer> {
  return await ask(context, container, `${command.map(quoted).join(' ')} </dev/null 2>&1`)
}

/**
 * Puts files below a folder of one of our containers that runs, each whole or not at all. Their folders come with them.
 * Rejects as `execIn` does, and with StepFailed where they cannot be written.
 */
export async function upload(
  context: Context,
  container: string,
  folder: string,
  files: Record<string, ArchivedFile>,
): Promise<void> {
  const paths = Object.keys(files).map((path) => `${folder}/${path}`)
  const folders = new Set(paths.map((path) => quoted(path.slice(0, path.lastIndexOf('/')))))
  const all = Object.values(files).map((file, index) => writing(paths[index] ?? '', file))
  const script = ['set -e', `mkdir -p ${[...folders].join(' ')}`, ...all].join('\n')
  const { code, output } = await ask(context, container, `(${script}\n) 2>&1`)
  if (code === 0) return
  throw new StepFailed(
    'platform',
    `Files cannot be written in the container ${container}: ${output.trim()}. Look at it: docker exec ${container} df ${folder}`,
  )
}

async function ask(context: Context, container: string, script: string): Promise<Answer> {
  const shells = known.get(context.listings) ?? new Map<string, Promise<Shell>>()
  known.set(context.listings, shells)
  const opening = shells.get(container) ?? openShell(context, container)
  shells.set(container, opening)
  const forget = () => {
    if (shells.get(container) === opening) shells.delete(container)
  }
  const shell = await opening.catch((error: unknown) => {
    forget()
    throw error
  })
  if (!shell.isOpen()) {
    forget()
    return await ask(context, container, script)
  }
  return await shell.ask(script)
}

function writing(path: string, { content, mode }: ArchivedFile): string {
  const [whole, part] = [quoted(path), quoted(`${path}.part`)]
  const umask = (0o777 & ~mode).toString(8)
  return `umask ${umask}\nbase64 -d >${part} <<'END'\n${Buffer.from(content).toString('base64')}\nEND\nmv ${part} ${whole}`
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
