import { Decrypter } from 'age-encryption'
import { HoldfastError } from '../model/errors.ts'

/** What people put into a key file by mistake, and what to do about it. */
const MISTAKES: [RegExp, string][] = [
  [/^age1/, 'is a public key. Give the secret one that belongs to it, AGE-SECRET-KEY-1…'],
  [/^AGE-PLUGIN-/, 'is the key of an age plugin, which is not supported. Make a key with: age-keygen'],
  [/^(ssh-|-----BEGIN .*PRIVATE KEY)/, 'is an SSH key, which is not supported. Make a key with: age-keygen'],
  [
    /^(-----BEGIN AGE|age-encryption\.org)/,
    'begins an encrypted file. Decrypt the key file first: age -d, and keep it readable by its owner alone',
  ],
]

/**
 * The keys in the text of an age key file, as `age-keygen` writes it: one in a line, comments after `#`. `source` names
 * where the text is from. Throws a HoldfastError that quotes nothing of it.
 */
export function parseAgeKeys(text: string, source: string): string[] {
  const lines = text.split(/\r?\n/).map((line, at) => ({ line: line.trim(), number: at + 1 }))
  const written = lines.filter(({ line }) => line !== '' && !line.startsWith('#'))
  const keys = written.flatMap(({ line, number }) => line.split(/\s+/).map((word) => keyIn(word, line, number, source)))
  if (keys.length > 0) return keys
  throw new HoldfastError('terminal', `${source} holds no age key. Make one with: age-keygen -o <file>`)
}

function keyIn(word: string, line: string, number: number, source: string): string {
  if (isKey(word)) return word
  const [, mistake] = MISTAKES.find(([pattern]) => pattern.test(line)) ?? []
  const damaged = 'is damaged: a letter is wrong or lacking. Copy the key again'
  const otherwise = word.startsWith('AGE-SECRET-KEY-') ? damaged : 'is not an age key, which begins AGE-SECRET-KEY-1'
  throw new HoldfastError('terminal', `Line ${number} of ${source} ${mistake ?? otherwise}.`)
}

/** The library's own words quote the key, and are dropped. */
function isKey(word: string): boolean {
  try {
    new Decrypter().addIdentity(word)
    return true
  } catch {
    return false
  }
}
