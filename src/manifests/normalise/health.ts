import type { HealthCheck } from '../../model/stack.ts'
import type { ServiceContext } from './context.ts'
import { durationMs } from './quantity.ts'

/** Docker's own defaults. */
const DEFAULT_MS = 30_000
const DEFAULT_RETRIES = 3

/** The health check of a service; undefined leaves the image's own in force. */
export function healthOf(context: ServiceContext): HealthCheck | 'none' | undefined {
  const check = context.file.healthcheck
  if (check === undefined || (check.disable === false && Object.keys(check).length === 1)) return undefined
  if (check.disable === true) return 'none'
  const test = testOf(context)
  if (test === undefined || test === 'none') return test
  return {
    test,
    intervalMs: orDefault(check.interval),
    timeoutMs: orDefault(check.timeout),
    retries: check.retries ?? DEFAULT_RETRIES,
    startPeriodMs: durationMs(check.start_period ?? '0s'),
  }
}

/** Zero means the default to the engine, too. */
function orDefault(duration: string | undefined): number {
  return durationMs(duration ?? '0s') || DEFAULT_MS
}

function testOf(context: ServiceContext): string[] | 'none' | undefined {
  const { manifest, report } = context
  const path = [...context.path, 'healthcheck']
  const test = context.file.healthcheck?.test
  if (test === undefined) {
    const hint = "Repeat the image's test here, or remove healthcheck to use the image's own check as it is."
    report.error(manifest.keyAt(path), 'missing-key', 'The health check has no `test`', hint)
    return undefined
  }
  if (typeof test === 'string') return test === '' ? refuseTest(context) : ['CMD-SHELL', test]
  if (test[0] === 'NONE' && test.length === 1) return 'none'
  const shell = test[0] === 'CMD-SHELL' && test.length === 2
  return shell || (test[0] === 'CMD' && test.length > 1) ? test : refuseTest(context)
}

function refuseTest(context: ServiceContext): undefined {
  const place = context.manifest.at([...context.path, 'healthcheck', 'test'])
  const hint = 'Write a string for the shell, ["CMD", program, argument…], ["CMD-SHELL", command] or ["NONE"].'
  context.report.error(place, 'wrong-value', 'The `test` is not a command', hint)
  return undefined
}
