import { isIP } from 'node:net'
import type { TrafficOptions } from '../engine/traffic.ts'
import { version } from '../version.ts'
import type { Layers } from './layers.ts'
import type { TargetFile } from './schema.generated.ts'

const HTTP_PORT = 80
const HTTPS_PORT = 443
const WIDEST: Readonly<Record<number, number>> = { 4: 32, 6: 128 }

/**
 * How a target publishes ports and leads to replicas; null where that is left to the engine. What the target does not
 * say itself holds for all. Throws a HoldfastError for what cannot be used.
 */
export function trafficOf(name: string, target: TargetFile, layers: Layers): TrafficOptions | null {
  const { value } = layers
  const wanted = target.traffic ?? value.traffic ?? 'on'
  // An unquoted `off` is false to YAML 1.1, and so to some who write it for us.
  if (wanted === 'off' || wanted === false) return null
  const options = {
    image: target.trafficImage ?? value.trafficImage ?? `holdfast-traffic:${version()}`,
    httpPort: target.httpPort ?? value.httpPort ?? HTTP_PORT,
    httpsPort: target.httpsPort ?? value.httpsPort ?? HTTPS_PORT,
    trustedProxies: target.trustedProxies ?? value.trustedProxies ?? [],
  }
  const pathOf = (key: keyof TargetFile) => (target[key] === undefined ? [key] : ['targets', name, key])
  if (options.httpPort === options.httpsPort) {
    const text = `Port ${options.httpPort} is to be that of HTTP and of HTTPS. Give \`httpsPort\` another one.`
    throw layers.refuse(pathOf(target.httpsPort === undefined ? 'httpPort' : 'httpsPort'), text)
  }
  options.trustedProxies.forEach((proxy, at) => {
    if (isAddresses(proxy)) return
    const text = `"${proxy}" is no address and no block of addresses. Write 192.0.2.7, 10.0.0.0/8 or fd00::/8.`
    throw layers.refuse([...pathOf('trustedProxies'), at], text)
  })
  return options
}

function isAddresses(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  const widest = WIDEST[isIP(address)]
  if (widest === undefined || rest.length > 0 || address.includes('%')) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= widest)
}
