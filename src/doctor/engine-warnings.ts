import type { EngineFacts } from '../engine/facts.ts'
import { type Check, ok, warning } from './check.ts'

const OF_THE_NETWORK = /iptables|ip6tables|forwarding|nf-call/i
/** Limits that its host cannot keep are told where a stack asks for them. */
const OF_A_LIMIT = /^WARNING: No /

/** What keeps packets from their way; `info` does not show everything: an engine with --iptables=false says nothing. */
export function networkWarnings(name: string, { forwards, warnings }: EngineFacts): Check[] {
  const found = warnings.filter((text) => OF_THE_NETWORK.test(text)).map((text) => networkWarning(name, text))
  const isSaid = warnings.some((text) => /IPv4 forwarding/i.test(text))
  if (!forwards && !isSaid) found.push(networkWarning(name, 'IPv4 forwarding is disabled'))
  return found.length > 0 ? found : [ok(name, 'its host passes packets on')]
}

function networkWarning(name: string, text: string): Check {
  const said = plain(text)
  if (/forwarding/i.test(text)) {
    const what = `${said}: containers reach no other machine, and others do not reach them`
    return warning(name, what, 'sudo sysctl -w net.ipv4.ip_forward=1, and in /etc/sysctl.d for good')
  }
  if (/nf-call/i.test(text)) {
    const key = /ip6tables/i.test(text) ? 'ip6tables' : 'iptables'
    const what = `${said}: firewall rules do not hold between containers of one network`
    return warning(name, what, `sudo modprobe br_netfilter && sudo sysctl -w net.bridge.bridge-nf-call-${key}=1`)
  }
  return warning(name, said, 'Let the engine set its firewall rules: take "iptables": false out of its daemon.json')
}

/** Such as an API that is open to everybody. */
export function otherWarnings(name: string, { warnings }: EngineFacts): Check[] {
  const others = warnings.filter((text) => !OF_THE_NETWORK.test(text) && !OF_A_LIMIT.test(text))
  const fix = 'docker info shows it with what belongs to it; see daemon.json of that engine'
  return others.map((text) => warning(name, plain(text), fix))
}

function plain(text: string): string {
  return text
    .replace(/^(\[DEPRECATION NOTICE\]|WARNING):\s*/, '')
    .replace(/\s+/g, ' ')
    .trim()
}
