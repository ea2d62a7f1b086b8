import { runInNewContext } from 'node:vm'
import type { Rules } from './metadata.ts'
import { Refusal } from './refusal.ts'

/** A pattern comes from the repository: one that takes forever must not hold up everything else. */
const PATTERN_LIMIT_MS = 200

/**
 * Refuses values that stand readable where the rules of the file want them encrypted, as one does that was written into
 * it by hand. Only for those that the MAC does not cover. Where comments decide it cannot be told.
 */
export function checkStrays(strays: readonly (readonly string[])[], rules: Rules): void {
  if (strays.length === 0 || rules.byComment) return
  const matches = matcher(rules, [...new Set(strays.flat())])
  const stray = strays.find((path) => matches(path))
  if (stray === undefined) return
  const reason = `the value of \`${stray.join('.')}\` stands readable in it, and its rules want it encrypted`
  throw new Refusal(`${reason}. Write it with: sops edit`)
}

/** Whether a path is one of those that are to be encrypted: one key of it decides for all below. */
function matcher(rules: Rules, keys: string[]): (path: readonly string[]) => boolean {
  const { unencryptedSuffix, encryptedSuffix, unencryptedRegex, encryptedRegex } = rules
  const regex = encryptedRegex ?? unencryptedRegex
  const suffix = encryptedSuffix ?? unencryptedSuffix ?? ''
  const found = new Set(regex === undefined ? keys.filter((key) => key.endsWith(suffix)) : matching(regex, keys))
  const isNamed = (path: readonly string[]) => path.some((key) => found.has(key))
  return encryptedRegex !== undefined || encryptedSuffix !== undefined ? isNamed : (path) => !isNamed(path)
}

/** SOPS writes patterns for Go, of which JavaScript knows most. */
function matching(pattern: string, keys: string[]): string[] {
  const [, flags = '', rest = ''] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(pattern) ?? []
  try {
    const regex = new RegExp(rest.replaceAll('(?P<', '(?<').replaceAll('\\A', '^').replaceAll('\\z', '$'), flags)
    return runInNewContext('keys.filter((key) => regex.test(key))', { keys, regex }, { timeout: PATTERN_LIMIT_MS })
  } catch {
    throw new Refusal('the pattern that says which of its values are encrypted cannot be used. Write a simpler one')
  }
}
