import { LABEL } from '../../../src/model/labels.ts'
import { type Host, startHost } from '../../scenarios/host.ts'
import { ensureTrafficImage } from '../../support/traffic-image.ts'
import { freePorts } from './compose-project.ts'
import type { Ports } from './plans.ts'
import { type Behaviour, stackOf } from './stack.ts'
import type { Way } from './way.ts'

/** Longer than the longest request, so that only the websocket is cut by it. */
const DRAIN = '4s'
/** Time enough for the checks by which a bad replica turns sick once it was healthy. */
const MONITOR = '2500ms'

interface Settings {
  perSecond: number
  replicas: number
}

/** A commit, and whatever the built program makes of it: good ones have to run, bad ones to be taken back. */
export async function openHoldfast(
  engine: { socket: string; addresses: string },
  settings: Settings,
): Promise<Way & { host: Host }> {
  await ensureTrafficImage(engine.socket)
  const host = await startHost({ ...engine, traffic: true })
  const ports = await freePorts()

  async function update(version: number, behaviour: Behaviour): Promise<string> {
    const { status, record } = await host.deploy(composeOf(ports, settings, version, behaviour))
    const wanted = behaviour === 'good' ? 'Synced' : 'RolledBack'
    if (status?.sync === wanted && status.health === 'Healthy') return behaviour === 'good' ? 'runs' : 'rolled back'
    throw new Error(`It is not ${wanted}: ${JSON.stringify({ status, record })}`)
  }

  try {
    await update(0, 'good')
  } catch (error) {
    await host.close()
    throw error
  }
  return {
    title: 'Holdfast',
    host,
    ports,
    update,
    addressOf: (service) => addressOf(host, service),
    told: () => told(host),
    close: () => host.close(),
  }
}

function composeOf(ports: Ports, { perSecond, replicas }: Settings, version: number, behaviour: Behaviour): unknown {
  const { web, others } = stackOf(ports, perSecond, version, behaviour)
  const deploy = { replicas, update_config: { monitor: MONITOR } }
  const rolled = { ...web, ports: [`${ports.web}:8080`], deploy, 'x-holdfast': { drain: DRAIN } }
  const calm = Object.entries(others).map(([name, parts]) => [
    name,
    { ...parts, deploy: { update_config: { monitor: '1s' } } },
  ])
  return { services: { ...Object.fromEntries(calm), web: rolled } }
}

async function addressOf(host: Host, service: string): Promise<string> {
  const found = (await host.running()).find((seen) => seen.service === service)
  if (!found) throw new Error(`${service} does not run.`)
  return found.address
}

/** What Holdfast printed, and its gateway and names. */
async function told(host: Host): Promise<string> {
  const filters = { label: [LABEL.role] }
  const ours = await host.docker.listContainers({ all: true, filters })
  const logs = await Promise.all(
    ours.map(async ({ Id, Names }) => {
      const log = await host.docker.getContainer(Id).logs({ stdout: true, stderr: true, timestamps: true })
      return `${Names.join()}:\n${log.toString()}`
    }),
  )
  return [host.output(), ...logs].join('\n')
}
