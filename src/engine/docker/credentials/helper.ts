import { type ChildProcess, spawn } from 'node:child_process'
import { StepFailed } from '../../../model/errors.ts'
import { hostOf } from './registry.ts'

/** What a helper keeps for a registry. The user `<token>` says that the secret is an identity token. */
export interface HelperAnswer {
  user: string
  secret: string
}

/** The longest answer that is read; the tokens of clouds have a few thousand bytes. */
const MOST_BYTES = 256 * 1024

/**
 * Asks `docker-credential-<name>`, by Docker's own protocol: `get`, the registry's key on its standard input, JSON on
 * its standard output. Null when it has nothing for that registry. Rejects with StepFailed; its text never repeats
 * what the helper wrote, for that may hold the secret.
 */
export async function askHelper(name: string, key: string, limitMs: number): Promise<HelperAnswer | null> {
  const program = `docker-credential-${name}`
  if (!/^[\w.-]+$/.test(name)) throw trouble(key, `"${name}" cannot be the name of a credential helper`)
  const { code, output } = await run(program, key, limitMs)
  if (code === 0) return answerIn(output, program, key)
  if (/credentials not found/i.test(output)) return null
  throw trouble(key, `the credential helper ${program} failed (exit code ${code ?? 'none'}); ${tryIt(program, key)}`)
}

function answerIn(output: string, program: string, key: string): HelperAnswer {
  const answer = parse(output)
  const { Username: user, Secret: secret } = answer ?? {}
  if (typeof user === 'string' && typeof secret === 'string') return { user, secret }
  throw trouble(key, `the credential helper ${program} did not answer with a user and a secret; ${tryIt(program, key)}`)
}

function parse(output: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(output)
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    return null
  }
}

async function run(program: string, key: string, limitMs: number): Promise<{ code: number | null; output: string }> {
  const child = spawn(program, ['get'], { stdio: ['pipe', 'pipe', 'ignore'] })
  const chunks: Buffer[] = []
  let length = 0
  child.stdout.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > MOST_BYTES) end(child)
    else chunks.push(chunk)
  })
  // A helper that ends without reading what it is asked must not end us.
  child.stdin.on('error', () => {})
  child.stdin.end(`${key}\n`)
  const code = await ended(child, limitMs, (what) => trouble(key, `the credential helper ${program} ${what}`))
  return { code, output: Buffer.concat(chunks).toString() }
}

function ended(child: ChildProcess, limitMs: number, failure: (what: string) => StepFailed): Promise<number | null> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => {
      end(child)
      fail(failure(`gave no answer within ${limitMs / 1000} s`))
    }, limitMs)
    child.once('close', (code) => {
      clearTimeout(timer)
      done(code)
    })
    child.once('error', (cause) => {
      clearTimeout(timer)
      fail(failure(isMissing(cause) ? 'is not installed' : `cannot be run: ${cause.message}`))
    })
  })
}

/** Also lets go of its output, which a child of its own may hold open. */
function end(child: ChildProcess): void {
  child.kill('SIGKILL')
  child.stdout?.destroy()
}

function isMissing(error: Error): boolean {
  return 'code' in error && error.code === 'ENOENT'
}

function trouble(key: string, what: string): StepFailed {
  return new StepFailed('platform', `Cannot log in to ${hostOf(key)}: ${what}`)
}

function tryIt(program: string, key: string): string {
  return `try it: echo ${key} | ${program} get`
}
