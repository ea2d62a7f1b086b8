import { reasonOf } from '../model/errors.ts'
import { type Command, quote, startCommand } from '../ssh/command.ts'
import { connectSsh } from '../ssh/connect.ts'
import type { Advice, SshServer } from '../ssh/server.ts'
import { BadPack } from './pack/bad-pack.ts'
import { endOfSection, FLUSH, packetLine, refusalIn, wholeLines } from './packet-lines.ts'
import { type Answer, gitClient, type Limits, type Read, type Request, type Transport, tooLarge } from './transport.ts'

export interface SshWay {
  server: SshServer
  /** Of the repository, over there. */
  path: string
}

/** The command over there did not give what was asked of it. */
export class CommandFailed extends Error {
  /** Null: it was killed, or the connection was lost. */
  readonly code: number | null
  /** What it said. */
  readonly said: string
  constructor(code: number | null, said: string) {
    super(code === null ? 'the connection was lost' : `git-upload-pack ended with code ${code}`)
    this.code = code
    this.said = said
  }
}

/** How a person mends what is wrong with a login. */
const ADVICE: Advice = {
  login: "Add the public key to the repository as a deploy key, or name another one in the source's sshKeyFile.",
  locked: (file) => `give its passphrase in the source's sshPassphrase, or \`ssh-add ${file}\` gives it to an agent.`,
  address: "the source's url (ssh://user@host:PORT/path)",
}

/** isomorphic-git takes HTTP addresses only; nobody calls this one. */
const NO_URL = 'http://ssh.invalid'

/**
 * Git over SSH, for a client that speaks git's HTTP form: one connection and one command for a whole look. The list of
 * refs that the command begins with is what HTTP gets with GET, and its answer to the request what it gets with POST.
 */
export function overSsh({ server, path }: SshWay, limits: Limits): Transport {
  let connection: ReturnType<typeof connectSsh> | null = null
  let talk: Promise<Talk> | null = null

  async function begin(): Promise<Talk> {
    connection ??= connectSsh(server, ADVICE, { signal: limits.signal })
    const command = await startCommand(await connection, `git-upload-pack ${quote(path)}`).catch((error: unknown) => {
      throw error instanceof Error && 'reason' in error ? new CommandFailed(1, reasonOf(error)) : error
    })
    return { command, refs: await readRefs(command, limits.answerBytes) }
  }

  async function exchange({ body }: Request, read: Read): Promise<Answer> {
    talk ??= begin()
    const { command, refs } = await talk
    if (body === null) return answer('advertisement', Buffer.concat([SERVICE, refs]))
    // Once it has answered, the command is at its end.
    talk = null
    command.send(body)
    return answer('result', await readAnswer(command, read))
  }

  function close(): void {
    // Git's way to say that nothing is wanted, so that the other side does not take it for a broken connection.
    void talk?.then(({ command }) => command.send(Buffer.from(FLUSH)), ignore)
    void connection?.then((client) => client.end(), ignore)
  }

  return { url: NO_URL, client: (packFile) => gitClient(exchange, limits, packFile), close }
}

interface Talk {
  command: Command
  refs: Buffer
}

const SERVICE = Buffer.from(`${packetLine('# service=git-upload-pack\n')}${FLUSH}`)

function answer(kind: 'advertisement' | 'result', body: Buffer): Answer {
  return { status: 200, headers: { 'content-type': `application/x-git-upload-pack-${kind}` }, body }
}

/** The list of refs; behind its end the other side waits for us. */
async function readRefs(command: Command, limit: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  let size = 0
  let open = Buffer.alloc(0)
  for (;;) {
    const piece = await command.read()
    if (piece === null) return await endEarly(command, Buffer.concat(pieces))
    pieces.push(piece)
    size += piece.length
    if (size > limit) throw tooLarge(limit)
    open = Buffer.concat([open, piece])
    const end = endOfSection(open)
    if (end !== null) return Buffer.concat(pieces).subarray(0, size - open.length + end)
    open = open.subarray(wholeLines(open))
  }
}

/** Where the command failed, that is the reason, and an answer that ends early only what follows from it. */
async function readAnswer(command: Command, read: Read): Promise<Buffer> {
  try {
    const bytes = await read(rest(command))
    return (await command.ended) === 0 ? bytes : await endEarly(command, bytes)
  } catch (error) {
    if (error instanceof BadPack && (await command.ended) !== 0) return await endEarly(command, Buffer.alloc(0))
    throw error
  }
}

/** A refusal in git's own words is an answer; anything else is none. */
async function endEarly(command: Command, bytes: Buffer): Promise<Buffer> {
  const code = await command.ended
  if (refusalIn(bytes) !== null) return bytes
  throw new CommandFailed(code, command.complaint().trim())
}

async function* rest(command: Command): AsyncIterable<Buffer> {
  for (let piece = await command.read(); piece !== null; piece = await command.read()) yield piece
}

function ignore(): void {}
