import { digestOf } from './hash.ts'
import { keylessStack, keyOf, withoutContents } from './keyless.ts'
import type { Stack } from './stack.ts'

/** A stack at a commit, fully resolved and immutable. Stored, so that going back never needs git. */
export interface Release {
  /** 64 hex digits over the stack and its pins; the commit is not part of it. */
  digest: string
  commit: string
  stack: Stack
  /** One for each distinct image of the stack. */
  pins: Record<string, Pin>
  /** Present when it mounts secrets. */
  keyed?: Keyed
}

/** How a release with secrets is known when the key that its digest depends on is another one. */
export interface Keyed {
  /** Names the key, 8 hex digits. */
  key: string
  /** 64 hex digits, the same under every key. */
  keyless: string
}

/**
 * What an image reference resolved to when the release was made.
 * `reference` is what containers are created from: `name@sha256:…`, or `sha256:…` for an image only this engine has.
 */
export type Pin = { reference: string; local: boolean } | { missing: string }

/** Makes the release of `stack` at `commit`; the same stack and pins give the same digest at every commit. */
export function makeRelease(stack: Stack, commit: string, pins: Record<string, Pin>): Release {
  const references = Object.entries(pins).map(([image, pin]) => [image, 'missing' in pin ? 'missing' : pin.reference])
  const digest = digestOf({ stack: withoutContents(stack), references: Object.fromEntries(references) })
  const key = keyOf(Object.values(stack.services).map(({ container }) => container))
  if (key === null) return { digest, commit, stack, pins }
  const keyless = digestOf({ stack: keylessStack(stack), references: Object.fromEntries(references) })
  return { digest, commit, stack, pins, keyed: { key, keyless } }
}

/** The short form of a digest that people read. */
export function short(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 8)
}

/** Names a resolved manifest, whatever its images point to: 64 hex digits. */
export function manifestDigest(stack: Stack): string {
  return digestOf(withoutContents(stack))
}

/** What the release's containers are created from: the references of the images that could be resolved. */
export function referencesOf(release: Release): string[] {
  return Object.values(release.pins).flatMap((pin) => ('reference' in pin ? [pin.reference] : []))
}
