/** What a replica is told of the client is what the gateway itself saw: whatever the client says of that is dropped. */
export function forwardedLines(scheme: 'http' | 'https'): string[] {
  return [
    '    http-request del-header x-forwarded- -m beg',
    '    http-request del-header forwarded',
    '    http-request set-header X-Real-IP %[src]',
    '    http-request set-header X-Forwarded-For %[src]',
    `    http-request set-header X-Forwarded-Proto ${scheme}`,
    '    http-request set-header X-Forwarded-Host %[req.hdr(host)]',
    '    http-request set-header X-Forwarded-Port %[dst_port]',
  ]
}
