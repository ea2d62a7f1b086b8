import { Malformed } from './malformed.ts'
import { matchesList } from './pattern.ts'
import { isKeyType, readSshKey, type SshKey } from './ssh-key.ts'
import { absoluteTime } from './time.ts'

/** One line of an allowed-signers file: who may sign, with which key, for what and when. */
export interface AllowedSigner {
  /** For people: where it stands. */
  line: number
  principals: string
  key: SshKey
  /** Patterns of what signatures may be made for; anything when absent. */
  namespaces?: string
  /** Seconds since 1970, both included. */
  validAfter?: number
  validBefore?: number
}

const NAMESPACE = 'git'
/** A field ends at a blank that is not between quotes. */
const FIELD = /^(?:"[^"]*"|[^\s"])+/

/**
 * Reads an allowed-signers file (ssh-keygen(1), ALLOWED SIGNERS). Throws `Malformed`, naming the line, for one that
 * OpenSSH would stop at, and for certificate authorities: whom those let in is known nowhere here.
 */
export function parseAllowedSigners(text: string): AllowedSigner[] {
  return text.split(/\r?\n/).flatMap((content, at) => {
    const fields = content.trim()
    if (fields === '' || fields.startsWith('#')) return []
    try {
      return [parseLine(fields, at + 1)]
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      throw new Malformed(`line ${at + 1}: ${error.message}`, { cause: error })
    }
  })
}

/** Why a signature of this key, made at this time, is not taken; null when it is. Time in seconds since 1970. */
export function objection(signer: AllowedSigner, at: number): string | null {
  const { principals, namespaces, validAfter, validBefore } = signer
  // Git takes each pattern of the line for a name, and has it matched with the line.
  if (!principals.split(',').some((name) => matchesList(name, principals))) return 'its principals exclude themselves'
  if (namespaces !== undefined && !matchesList(NAMESPACE, namespaces)) return `it may not sign for ${NAMESPACE}`
  if (validAfter !== undefined && at < validAfter) return `it is valid only after ${shown(validAfter)}`
  if (validBefore !== undefined && at > validBefore) return `it was valid only before ${shown(validBefore)}`
  return null
}

function parseLine(content: string, line: number): AllowedSigner {
  const [principals, second] = [fieldOf(content), fieldOf(behind(content))]
  if (isKeyType(second)) return { line, principals: unquoted(principals), key: keyOf(behind(content)) }
  const key = keyOf(behind(behind(content)))
  return { line, principals: unquoted(principals), key, ...optionsOf(second) }
}

function keyOf(content: string): SshKey {
  const [type, encoded] = [fieldOf(content), fieldOf(behind(content))]
  if (!/^[A-Za-z0-9+/]+=*$/.test(encoded)) throw new Malformed('it has no key: `principals [options] type key`')
  const key = readSshKey(Buffer.from(encoded, 'base64'))
  if (key.type !== type) throw new Malformed(`it says ${type}, but the key is of type ${key.type}`)
  return key
}

type Options = Pick<AllowedSigner, 'namespaces' | 'validAfter' | 'validBefore'>

function optionsOf(text: string): Options {
  const options: Options = {}
  for (const option of text.match(/(?:"[^"]*"|[^,"])+/g) ?? []) {
    const [, name = option, value] = /^([A-Za-z-]+)="([^"]*)"$/.exec(option) ?? []
    const read = READERS[name.toLowerCase()]
    if (read === undefined || value === undefined) throw refused(name, option)
    const [member, given] = read(value)
    if (Object.hasOwn(options, member)) throw new Malformed(`it has ${name} twice`)
    Object.assign(options, { [member]: given })
  }
  const { validAfter = 0, validBefore = Number.POSITIVE_INFINITY } = options
  if (validBefore <= validAfter) throw new Malformed('its valid-before is not after its valid-after')
  return options
}

const READERS: Record<string, (value: string) => [keyof Options, string | number]> = {
  namespaces: (value) => ['namespaces', value],
  'valid-after': (value) => ['validAfter', absoluteTime(value)],
  'valid-before': (value) => ['validBefore', absoluteTime(value)],
}

function refused(name: string, option: string): Malformed {
  if (name.toLowerCase() !== 'cert-authority') {
    return new Malformed(`the option ${option} is none; there are namespaces="…", valid-after="…", valid-before="…"`)
  }
  return new Malformed('cert-authority is not supported; list the keys of the signers themselves')
}

function fieldOf(content: string): string {
  return FIELD.exec(content)?.[0] ?? ''
}

function behind(content: string): string {
  return content.slice(fieldOf(content).length).trimStart()
}

function unquoted(text: string): string {
  return text.replaceAll('"', '')
}

function shown(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000', '')
}
