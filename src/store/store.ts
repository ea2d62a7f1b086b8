import type { Problem } from '../model/problem.ts'
import type { StackRecord } from '../model/record.ts'
import type { Release } from '../model/release.ts'
import type { StackStatus } from '../model/status.ts'

/** Memory and history. The engine is the truth about what runs: losing this restarts nothing. */
export interface Store {
  /** Every stack that was ever followed and not yet removed, sorted. */
  stacks(): string[]
  stack(name: string): StackEntry
  /** Saves any part of a stack's entry in one transaction; when it returns, the data are on disk. */
  save(name: string, change: Partial<StackEntry>): void
  /** Forgets a stack that is gone, its releases included; its history stays. */
  forget(name: string): void
  /** Releases hold secrets, and are stored encrypted. */
  putRelease(release: Release): void
  /** Null when it is not stored, or cannot be read: it was stored with another key, or is damaged. */
  release(stack: string, digest: string): Release | null
  /** The release made earlier from the same resolved manifest (see `manifestDigest`), so that tags are resolved once. */
  releaseOfManifest(stack: string, manifestDigest: string): Release | null
  /** Every folder of its own that a stack mounted in any release, sorted by path; also of one that was forgotten since. */
  ownFolders(stack: string): OwnFolder[]
  noteFolders(stack: string, folders: readonly OwnFolder[]): void
  /** What is known of the repository of a source; all empty before the first look. */
  repository(source: string): RepositoryState
  /** Of every source that was ever looked at, by name, sorted. */
  repositories(): Record<string, RepositoryState>
  saveRepository(source: string, state: RepositoryState): void
  /** Names the key that releases were last stored with, as far as that was noted; null before. */
  keyId(): string | null
  saveKeyId(id: string): void
  append(entry: HistoryEntry): void
  /** Newest first. */
  history(stack: string | null, limit: number): StoredHistoryEntry[]
  /** Leaves a request for the process that holds the lock. Returns its id. */
  ask(request: Request): number
  /** Requests not yet answered, oldest first. */
  requests(): StoredRequest[]
  answer(id: number, answer: string): void
  answerOf(id: number): string | null
  /** Changes whenever another process wrote; cheap enough to look at several times a second. */
  version(): number
  close(): void
}

export interface StackEntry {
  record: StackRecord
  /** What git last said: the commit, and the release made from it; null when the manifest is invalid or the stack gone. */
  latest: Latest | null
  status: StackStatus | null
}

export interface Latest {
  commit: string
  subject: string
  /** Digest of the release; null while the manifest has errors, an image cannot be resolved, or the folder is gone. */
  digest: string | null
  /** The source it comes from. See `sourceOf`. */
  source?: string
  /** Where it runs, and stays until it is removed; null while no release was made. See `targetOf`. */
  target?: string | null
  /** The stack's folder is gone from a commit that still holds others. */
  gone: boolean
  problems: Problem[]
  /** Why there is no release although the manifest is valid, e.g. the registry cannot be reached. */
  blocked: string | null
}

/** A folder below `bindRoot`, as an absolute path on the stack's target. */
export interface OwnFolder {
  path: string
  /** It was mounted so that containers can write to it. */
  writable: boolean
}

export interface RepositoryState {
  /** The commit that was taken up last, whole; null before the first. */
  commit: string | null
  subject: string
  /** Names the settings with which it was taken up: with others the same commit may mean something else. */
  meaning: string | null
  /** Findings that concern the repository and not one stack. */
  problems: Problem[]
  /** ISO 8601, by the wall clock, for people only: when the repository could last be read. */
  readAt: string | null
  /** Why it cannot be read now; null after a look that went well. */
  error: string | null
  /** ISO 8601, by the wall clock: the first look of those that fail now; null after one that went well. */
  failingSince: string | null
  /** So long after the last good look it counts as stale, by the settings it was last looked at with. */
  staleAfterMs: number
}

export interface HistoryEntry {
  /** Empty when it concerns no stack, but the repository or Holdfast itself. */
  stack: string
  /** `rollout-started`, `step`, `step-failed`, `stable`, `failed`, `rollback-started`, `rolled-back`, `suspended`, `resumed`, … */
  kind: string
  release: string | null
  message: string
  /** Last log lines of a container that failed; empty otherwise. */
  logs: string[]
}

export interface StoredHistoryEntry extends HistoryEntry {
  id: number
  /** ISO 8601, by the wall clock; for people only. */
  at: string
}

/** What a person asked for. */
export type Request =
  | { kind: 'sync'; stack: string | null }
  | { kind: 'retry'; stack: string }
  /** Back to a release that was stable once; null means the one before. */
  | { kind: 'rollback'; stack: string; release: string | null }
  | HoldRequest
  | AdoptRequest

/** `suspend`: leave the stack alone. `pause`: begin no further slot. `down`: take it away but for its data. `resume`: end any of them. `cancel`: give a rollout up. */
export interface HoldRequest extends Reasons {
  kind: 'suspend' | 'resume' | 'pause' | 'cancel' | 'down'
  stack: string
}

/** What Docker Compose made under the stack's name may be taken over. */
export interface AdoptRequest extends Reasons {
  kind: 'adopt'
  stack: string
}

interface Reasons {
  /** Who asks, for the history. */
  by?: string
  /** Why, in the person's words. */
  reason?: string
}

export interface StoredRequest {
  id: number
  request: Request
}
