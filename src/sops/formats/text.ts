import { Refusal } from '../refusal.ts'
import type { Value } from '../tree.ts'

/** The same value. Throws a Refusal for bytes that are no text, which only a file that was encrypted whole may hold. */
export function requireText<T extends Value>(value: T): T {
  if (value instanceof Uint8Array) {
    const advice = 'Encrypt the file as a whole: sops encrypt --input-type binary --output-type binary'
    throw new Refusal(`a value in it is not UTF-8 text. ${advice}`)
  }
  if (Array.isArray(value)) for (const item of value) requireText(item)
  if (value instanceof Map) for (const member of value.values()) requireText(member)
  return value
}
