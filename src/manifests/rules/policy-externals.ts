import { networkName, volumeName } from '../normalise/names.ts'
import { matches } from '../policy/policy.ts'
import { display } from '../shape.ts'
import { type Judge, refuse } from './policy-verdict.ts'

/** Volumes and networks that are somebody else's. */
export function checkExternals(judge: Judge): void {
  const { data } = judge
  for (const key of judge.usedVolumes) {
    if (data.volumes?.[key]?.external === true) checkExternal('volumes', key, volumeName(key, judge), judge)
  }
  for (const key of judge.usedNetworks) {
    const name = networkName(key, judge)
    if (name === HOST_NETWORK) refuseHostNetwork(key, judge)
    else if (data.networks?.[key]?.external === true) checkExternal('networks', key, name, judge)
  }
}

/** Joining the engine's own network of this name is `network_mode: host` by another name. */
const HOST_NETWORK = 'host'

function refuseHostNetwork(key: string, judge: Judge): void {
  const { manifest, report, rules } = judge
  const place = manifest.keyAt(['networks', key])
  if (rules.hostNamespaces.includes('network')) {
    const message = `The network \`${key}\` is that of the host, which is not joined like others`
    report.error(place, 'unsupported-value', message, 'Write `network_mode: host` in the services that need it.')
    return
  }
  refuse(judge, {
    code: 'policy-host-namespace',
    place,
    message: `The network \`${key}\` is that of the host`,
    instead: 'Remove it and publish ports with `ports`.',
    setting: 'hostNamespaces',
  })
}

function checkExternal(section: 'volumes' | 'networks', key: string, name: string, judge: Judge): void {
  const setting = section === 'volumes' ? 'externalVolumes' : 'externalNetworks'
  if (matches(name, judge.rules[setting])) return
  const isNamed = judge.data[section]?.[key]?.name !== undefined
  const shown = isNamed ? display(judge.manifest, [section, key, 'name']) : `\`${key}\``
  refuse(judge, {
    code: 'policy-external',
    place: judge.manifest.keyAt([section, key]),
    message: `The stack uses the ${section.slice(0, -1)} ${shown}, which is not its own`,
    instead: 'Remove `external`: the stack then has one of its own.',
    setting,
  })
}
