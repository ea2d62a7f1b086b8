import type Docker from 'dockerode'
import type { ImageConfig } from '../../model/fields.ts'
import type { HealthCheck } from '../../model/stack.ts'
import { orNull } from './errors.ts'
import type { Context } from './ownership.ts'

/** What an image brings, by its id; null when it is gone. An id never changes its content, so each is asked for once. */
export async function imageConfig(context: Context, id: string): Promise<ImageConfig | null> {
  const known = configs.get(context.quick) ?? new Map<string, ImageConfig>()
  configs.set(context.quick, known)
  const before = known.get(id)
  if (before !== undefined) return before
  const info = await orNull(context.quick.getImage(id).inspect())
  if (info === null) return null
  const config = fromImage(info)
  known.set(id, config)
  return config
}

const configs = new WeakMap<Docker, Map<string, ImageConfig>>()

function fromImage({ Config }: Docker.ImageInspectInfo): ImageConfig {
  return {
    environment: pairsIn(Config?.Env),
    entrypoint: wordsIn(Config?.Entrypoint),
    command: wordsIn(Config?.Cmd),
    labels: Config?.Labels ?? {},
    healthcheck: checkIn(Config?.Healthcheck),
    user: Config?.User ?? '',
    workingDir: Config?.WorkingDir ?? '',
    stopSignal: (Config as { StopSignal?: string } | undefined)?.StopSignal ?? '',
  }
}

/** `KEY=value` lines. */
export function pairsIn(lines: string[] | null | undefined): Record<string, string> {
  const pairs = (lines ?? []).map((line) => {
    const at = line.indexOf('=')
    return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
  })
  return Object.fromEntries(pairs)
}

export function wordsIn(words: string | string[] | null | undefined): string[] {
  return words === null || words === undefined ? [] : [words].flat()
}

/** Null for none, and for one that is disabled; numbers that are left to the engine are 0. */
export function checkIn(check: Docker.HealthConfig | undefined): HealthCheck | null {
  if (!check?.Test?.length || check.Test[0] === 'NONE') return null
  return {
    test: check.Test,
    intervalMs: (check.Interval ?? 0) / 1e6,
    timeoutMs: (check.Timeout ?? 0) / 1e6,
    retries: check.Retries ?? 0,
    startPeriodMs: (check.StartPeriod ?? 0) / 1e6,
  }
}
