/** What a target's settings say of its gateway. */
export interface GatewaySettings {
  /** Where routes are served over HTTP, and over HTTPS. */
  httpPort: number
  httpsPort: number
  /** Addresses and blocks of them, of proxies that are believed. */
  trustedProxies: readonly string[]
}
