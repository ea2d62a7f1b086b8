/** How the gateway and the names of a target are run. */
export interface TrafficOptions {
  /** What both run from. */
  image: string
  /** Where requests of routes come in. */
  httpPort: number
  httpsPort: number
  /** Addresses and blocks of them, of proxies in front: what they say of whom a request is from is kept and added to. */
  trustedProxies: readonly string[]
}
