import type { Probe } from '../../model/stack.ts'
import type { ProbeFile } from '../schema.generated.ts'
import type { ServiceContext } from './context.ts'
import { present } from './context.ts'
import { durationMs } from './quantity.ts'

const DEFAULT = { interval: '10s', timeout: '5s', retries: 3, start_period: '0s' }

/** How the service is asked from outside whether it is healthy; undefined when the file does not say. */
export function probeOf(context: ServiceContext): Probe | undefined {
  const file = context.file['x-holdfast']?.probe
  if (file === undefined) return undefined
  refuseBesideHealthcheck(context)
  refuseZero('interval', context)
  refuseZero('timeout', context)
  const { interval, timeout, retries, start_period } = { ...DEFAULT, ...file }
  const question = questionOf(file, context)
  const times = { intervalMs: durationMs(interval), timeoutMs: durationMs(timeout) }
  return question && { ...question, ...times, retries, startPeriodMs: durationMs(start_period) }
}

function questionOf({ http, tcp }: ProbeFile, context: ServiceContext) {
  if (http !== undefined && tcp === undefined) {
    const { port, path = '/', status } = http
    return present<{ kind: 'http'; port: number; path: string; status?: number }>({ kind: 'http', port, path, status })
  }
  if (tcp !== undefined && http === undefined) return { kind: 'tcp', port: tcp.port } as const
  const { manifest, report, path } = context
  const place = manifest.keyAt([...path, 'x-holdfast', 'probe'])
  const hint = 'Write `http: {port: 8080, path: /health}` or `tcp: {port: 5432}`.'
  if (http === undefined) report.error(place, 'missing-key', 'The probe has neither `http` nor `tcp`', hint)
  else report.error(place, 'conflicting-keys', 'The probe has both `http` and `tcp`', 'Keep one of the two.')
  return undefined
}

function refuseBesideHealthcheck({ file, manifest, report, path }: ServiceContext): void {
  if (file.healthcheck === undefined) return
  const hint = 'Keep one of the two: the probe asks from outside, the health check runs inside the container.'
  const place = manifest.keyAt([...path, 'x-holdfast', 'probe'])
  report.error(place, 'conflicting-keys', '`probe` does not go with `healthcheck`', hint)
}

function refuseZero(key: 'interval' | 'timeout', { file, manifest, report, path }: ServiceContext): void {
  const value = file['x-holdfast']?.probe?.[key]
  if (value === undefined || durationMs(value) > 0) return
  const place = manifest.at([...path, 'x-holdfast', 'probe', key])
  report.error(
    place,
    'wrong-value',
    `\`${key}\` must be longer than nothing`,
    `Remove it for the default, ${DEFAULT[key]}.`,
  )
}
