import type { ContainerSpec, RestartPolicy } from '../../model/stack.ts'
import { type Path, readable } from '../path.ts'
import type { ServiceContext } from './context.ts'
import { splitWords } from './words.ts'

/** Without rotation a chatty container fills the disk. */
const DEFAULT_LOGGING = { driver: 'json-file', options: { 'max-file': '3', 'max-size': '10m' } }

/** The words of `command` or `entrypoint`; undefined keeps the image's own. */
export function wordsOf(key: 'command' | 'entrypoint', context: ServiceContext): string[] | undefined {
  const value = context.file[key] ?? undefined
  if (typeof value !== 'string') return value
  const words = splitWords(value)
  if (words !== null) return words
  const place = context.manifest.at([...context.path, key])
  context.report.error(
    place,
    'wrong-value',
    `A quote in \`${key}\` is not closed`,
    'Close it, or write a list of words.',
  )
  return undefined
}

export function loggingOf(context: ServiceContext): NonNullable<ContainerSpec['logging']> {
  const logging = context.file.logging
  if (logging === undefined) return DEFAULT_LOGGING
  const options = Object.entries(logging.options ?? {}).map(([key, value]) => [key, String(value)])
  return { driver: logging.driver ?? DEFAULT_LOGGING.driver, options: Object.fromEntries(options) }
}

/** `name:address` lines, in the order of the file. */
export function extraHostsOf(context: ServiceContext): string[] | undefined {
  const hosts = context.file.extra_hosts
  if (hosts === undefined || Array.isArray(hosts)) return hosts?.map((line) => line.replace(/[:=]/, ':'))
  return Object.entries(hosts).flatMap(([name, addresses]) => [addresses].flat().map((address) => `${name}:${address}`))
}

/** The engine's restart policy: deploy.restart_policy wins over `restart`, as in Compose; a job never restarts. */
export function restartOf(kind: 'service' | 'job', context: ServiceContext): RestartPolicy {
  const { file } = context
  const policy = file.deploy?.restart_policy
  if (kind === 'job') return jobRestart(context)
  if (policy === undefined) return file.restart ?? 'unless-stopped'
  if (policy.max_attempts !== undefined && policy.condition !== 'on-failure') {
    const path: Path = [...context.path, 'deploy', 'restart_policy', 'max_attempts']
    const message = `\`${readable(path)}\` needs \`condition: on-failure\``
    context.report.error(
      context.manifest.keyAt(path),
      'wrong-value',
      message,
      'Set the condition, or remove max_attempts.',
    )
  }
  if (policy.condition === 'none') return 'no'
  if (policy.condition !== 'on-failure') return 'always'
  return policy.max_attempts === undefined ? 'on-failure' : `on-failure:${policy.max_attempts}`
}

function jobRestart(context: ServiceContext): RestartPolicy {
  const { file, manifest, report, path } = context
  const condition = file.deploy?.restart_policy?.condition
  const hint = 'Remove it; a job that fails, fails the release.'
  if (file.restart !== undefined && file.restart !== 'no') {
    report.warning(manifest.keyAt([...path, 'restart']), 'no-effect', 'A job runs once: `restart` has no effect', hint)
  }
  if (file.deploy?.restart_policy !== undefined && condition !== 'none') {
    const place = manifest.keyAt([...path, 'deploy', 'restart_policy'])
    report.warning(place, 'no-effect', 'A job runs once: `restart_policy` has no effect', hint)
  }
  return 'no'
}
