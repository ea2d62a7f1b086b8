import { Command } from 'commander'
import { assertSchedule } from '../controller/schedule.ts'
import type { Check } from '../doctor/check.ts'
import { examine } from '../doctor/doctor.ts'
import type { Patient } from '../doctor/patient.ts'
import type { Flags } from '../settings/flags.ts'
import { readSettings } from '../settings/read.ts'
import type { Adapters } from './adapters.ts'
import { colors } from './colors.ts'
import { EXIT } from './exit.ts'
import { readKeys } from './keys.ts'
import { ENGINE_SETTINGS, SOURCE_SETTINGS, TRAFFIC_SETTINGS, withSettings } from './options.ts'
import { decryptFor } from './parts.ts'
import { print, printJson } from './print.ts'

interface DoctorOptions extends Flags {
  json?: boolean
}

const MARKS: Record<Check['state'], string> = {
  ok: colors.green('✓'),
  warning: colors.yellow('!'),
  failed: colors.red('✗'),
  skipped: colors.dim('-'),
}

export function doctorCommand(adapters: Adapters): Command {
  const command = new Command('doctor')
    .description('check every part of the set-up, and say of what does not work how it is mended')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExit code: 0 nothing fails (there may be warnings), 1 something does.')
  withSettings(command, [...SOURCE_SETTINGS, 'data', 'keyFile', ...ENGINE_SETTINGS, ...TRAFFIC_SETTINGS, 'pool'])
  return command.action(async ({ json = false, ...flags }: DoctorOptions) => {
    const checks = await examine(patientOf(flags, adapters))
    if (json) printJson({ ok: !isAnyFailed(checks), checks })
    else print(checks.flatMap(lines))
    process.exitCode = isAnyFailed(checks) ? EXIT.error : EXIT.ok
  })
}

function isAnyFailed(checks: Check[]): boolean {
  return checks.some(({ state }) => state === 'failed')
}

function lines({ name, state, what, fix }: Check): string[] {
  const [first = '', ...more] = what.split('\n')
  const rest = more.map((line) => `    ${line}`)
  const mend = fix === null ? [] : [`    ${colors.cyan('→')} ${fix}`]
  return [`${MARKS[state]} ${colors.bold(name)}: ${first}`, ...rest, ...mend]
}

function patientOf(flags: Flags, adapters: Adapters): Patient {
  return {
    settings: () => readSettings(flags),
    readKey: (settings) => void readKeys(settings),
    checkDatabase: adapters.checkDatabase,
    tryLock: adapters.tryLock,
    registryLogins: adapters.registryLogins,
    engineFacts: (endpoint, instance) => adapters.engineFacts({ endpoint, instance }),
    async readSource(source, directory) {
      assertSchedule(source.poll)
      decryptFor(source, adapters)
      return adapters.openSource(source, directory).sync()
    },
  }
}
