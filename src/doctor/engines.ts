import { endpointText } from '../engine/endpoint.ts'
import type { EngineFacts } from '../engine/facts.ts'
import type { Settings, TargetSettings } from '../settings/settings.ts'
import { type Check, failed, failedBy, ok, skipped, warning } from './check.ts'
import { networkWarnings, otherWarnings } from './engine-warnings.ts'
import type { Patient } from './patient.ts'
import { checkPool } from './pool.ts'
import { bytes } from './words.ts'

/** More than clocks that are set over the network ever differ. */
const MOST_AHEAD_MS = 5_000
const GIB = 1024 ** 3
/** Fewer bytes hold no image worth the name. */
const TOO_LITTLE = GIB / 4
const LITTLE = 2 * GIB

type EngineSettings = Pick<Settings, 'instance' | 'pool' | 'targets'>
type Asking = Pick<Patient, 'engineFacts'>

/** Every engine, each with its host's clock, network and disk. They are asked side by side. */
export async function checkEngines(settings: EngineSettings, patient: Asking): Promise<Check[]> {
  const targets = targetsOf(settings)
  if (!Array.isArray(targets)) return [targets]
  const checks = targets.map(([name, target]) => checkEngine(name, target, settings, patient))
  return (await Promise.all(checks)).flat()
}

function targetsOf(settings: EngineSettings): [name: string, target: TargetSettings][] | Check {
  try {
    return Object.entries(settings.targets())
  } catch (error) {
    return failedBy('engines', error, 'Set `targets.<name>.engine` (--engine, --target) to what docs/engines.md shows')
  }
}

async function checkEngine(
  target: string,
  { endpoint, traffic }: TargetSettings,
  settings: EngineSettings,
  patient: Asking,
): Promise<Check[]> {
  const name = target === '' ? 'engine' : `engine ${target}`
  try {
    const facts = await patient.engineFacts(endpoint, settings.instance)
    const { version, apiVersion, platform } = facts
    return [
      ok(name, `Docker ${version} (API ${apiVersion}), ${platform}, at ${endpointText(endpoint)}`),
      ...checkKind(name, facts),
      ...(traffic === null ? [] : checkTraffic(target, facts)),
      checkClock(name, facts),
      ...networkWarnings(`${name} network`, facts),
      ...otherWarnings(`${name} warnings`, facts),
      checkDisk(name, facts),
      checkPool(target === '' ? 'pool' : `pool ${target}`, settings.pool, facts.taken),
    ]
  } catch (error) {
    const setting = `\`targets.${target || 'default'}.engine\` (${target === '' ? '--engine' : '--target'})`
    return [failedBy(name, error, `docker -H ${endpointText(endpoint)} version; if it is elsewhere, set ${setting}`)]
  }
}

function checkKind(name: string, { kind }: EngineFacts): Check[] {
  const fix = 'Use Docker Engine on Linux where a stack needs them: set `targets.<name>.engine` (--engine)'
  const lacks = 'host networking and folders of the host do not mean that host'
  if (kind === 'desktop') return [warning(`${name} kind`, `Docker Desktop runs in a virtual machine: ${lacks}`, fix)]
  if (kind === 'plain') return []
  const what = 'a rootless engine: host networking, ports below 1024 and some limits do not work'
  return [warning(`${name} kind`, what, fix)]
}

/** The gateway listens on the host's own network, which containers of such an engine do not get. */
function checkTraffic(target: string, { kind }: EngineFacts): Check[] {
  if (kind === 'plain') return []
  const setting = target === '' ? '`traffic: off` (--traffic off)' : `\`traffic: off\` under \`targets.${target}\``
  const what = 'the gateway gets no port of the host here, so that nothing is published'
  const fix = `Set ${setting}: containers then publish their ports themselves`
  return [failed(target === '' ? 'engine traffic' : `engine ${target} traffic`, what, fix)]
}

function checkClock(name: string, { aheadMs }: EngineFacts): Check {
  const seconds = Math.round(Math.abs(aheadMs) / 1000)
  if (Math.abs(aheadMs) <= MOST_AHEAD_MS) return ok(`${name} clock`, 'agrees with the clock of this machine')
  const what = `is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the clock of this machine: times in logs and history do not fit together`
  return warning(`${name} clock`, what, 'sudo timedatectl set-ntp true, on the machine whose clock is wrong')
}

function checkDisk(name: string, { freeBytes, dataFolder }: EngineFacts): Check {
  const part = `${name} disk`
  if (freeBytes === null) return skipped(part, `${dataFolder} is not on this machine: look there with df -h`)
  const what = `${bytes(freeBytes)} free for images and volumes in ${dataFolder}`
  const fix = 'docker system df shows what takes the space, docker image prune and docker builder prune give some back'
  if (freeBytes < TOO_LITTLE) return failed(part, `only ${what}`, fix)
  return freeBytes < LITTLE ? warning(part, `only ${what}`, fix) : ok(part, what)
}
