import { DEFAULT_CAPABILITIES } from '../capability.ts'
import { capabilitiesOf, securityOptionsOf } from '../normalise/privileges.ts'
import type { MadeService } from '../normalise/service.ts'
import { type HostNamespace, matches } from '../policy/policy.ts'
import { isSysctlName, SAFE_SYSCTLS } from '../policy/sysctl.ts'
import { display } from '../shape.ts'
import { type Judge, refuse } from './policy-verdict.ts'

/** Rights on the host, and sights of it. */
export function checkPrivileges(made: MadeService, judge: Judge): void {
  checkPrivileged(made, judge)
  for (const asked of namespacesOf(made)) checkNamespace(asked, made, judge)
  checkCapabilities(made, judge)
  checkSecurityOptions(made, judge)
  checkSysctls(made, judge)
}

function checkPrivileged({ service, context }: MadeService, judge: Judge): void {
  if (service.container.privileged !== true || judge.rules.privileged) return
  refuse(judge, {
    code: 'policy-privileged',
    place: context.manifest.keyAt([...context.path, 'privileged']),
    message: `\`${service.name}\` asks for all rights on the host`,
    instead: 'Remove `privileged`, and name what it needs: `cap_add`, `devices`.',
    setting: 'privileged',
  })
}

interface Asked {
  namespace: HostNamespace
  key: string
  words: string
}

function namespacesOf({ service: { container } }: MadeService): Asked[] {
  const asked: (Asked & { isAsked: boolean })[] = [
    { namespace: 'network', key: 'network_mode', words: 'the network', isAsked: container.networkMode === 'host' },
    { namespace: 'pid', key: 'pid', words: 'the processes', isAsked: container.pidMode === 'host' },
    { namespace: 'ipc', key: 'ipc', words: 'the shared memory', isAsked: container.ipcMode === 'host' },
    { namespace: 'uts', key: 'uts', words: 'the host name', isAsked: container.utsMode === 'host' },
    { namespace: 'user', key: 'userns_mode', words: 'the users', isAsked: container.usernsMode === 'host' },
    { namespace: 'cgroup', key: 'cgroup', words: 'the cgroups', isAsked: container.cgroupMode === 'host' },
  ]
  return asked.filter(({ isAsked }) => isAsked)
}

function checkNamespace({ namespace, key, words }: Asked, { service, context }: MadeService, judge: Judge): void {
  if (judge.rules.hostNamespaces.includes(namespace)) return
  refuse(judge, {
    code: 'policy-host-namespace',
    place: context.manifest.at([...context.path, key]),
    message: `\`${service.name}\` asks for ${words} of the host`,
    instead: namespace === 'network' ? 'Remove it and publish ports with `ports`.' : 'Remove it.',
    setting: 'hostNamespaces',
  })
}

function checkCapabilities({ service, context }: MadeService, judge: Judge): void {
  const { capabilities } = judge.rules
  if (capabilities.includes('ALL')) return
  for (const { value, path } of capabilitiesOf(context)) {
    if (DEFAULT_CAPABILITIES.includes(value) || capabilities.includes(value)) continue
    const what = value === 'ALL' ? 'all capabilities' : 'a capability that containers do not have by default'
    refuse(judge, {
      code: 'policy-capability',
      place: context.manifest.at(path),
      message: `\`${service.name}\` asks for ${what}: ${display(context.manifest, path)}`,
      instead: 'Remove it.',
      setting: 'capabilities',
    })
  }
}

/** What loosens nothing. A profile of the host's own may do so, whatever it is called. */
const HARMLESS = ['no-new-privileges=true', 'apparmor=docker-default']

function checkSecurityOptions({ service, context }: MadeService, judge: Judge): void {
  for (const { value, path } of securityOptionsOf(context)) {
    if (HARMLESS.includes(value) || judge.rules.securityOptions.includes(value)) continue
    refuse(judge, {
      code: 'policy-security-option',
      place: context.manifest.at(path),
      message: `\`${service.name}\` may loosen the engine's protection with ${display(context.manifest, path)}`,
      instead: 'Remove it.',
      setting: 'securityOptions',
    })
  }
}

function checkSysctls({ service, context }: MadeService, judge: Judge): void {
  const list = context.file.sysctls
  for (const [at, name] of Object.keys(service.container.sysctls ?? {}).entries()) {
    if (isSysctlName(name) && matches(name, [...SAFE_SYSCTLS, ...judge.rules.sysctls])) continue
    const path = [...context.path, 'sysctls', Array.isArray(list) ? at : name]
    refuse(judge, {
      code: 'policy-sysctl',
      place: Array.isArray(list) ? context.manifest.at(path) : context.manifest.keyAt(path),
      message: `\`${service.name}\` sets a kernel parameter that is not known to be its own alone`,
      instead: "Remove it; `net.*`, `fs.mqueue.*` and the kernel's parameters of shared memory are allowed.",
      setting: 'sysctls',
    })
  }
}
