import { describe, expect, test } from 'vitest'
import { failed, registryFailed } from '../../../src/engine/docker/errors.ts'
import { ENGINE_RULES, REGISTRY_RULES, ruleFor } from '../../../src/engine/docker/rules.ts'

function engineError(status: number, words: string): Error {
  return Object.assign(new Error(`(HTTP code ${status}) server error - ${words} `), { statusCode: status })
}

const START = 'OCI runtime create failed: runc create failed: unable to start container process'
const ENDPOINT = 'driver failed programming external connectivity on endpoint x (a1b2)'

// The words of engines from 20.10 to 28, by the row they belong to.
const ENGINE: Record<string, [number, string][]> = {
  'disk-full': [
    [500, 'write /var/lib/docker/tmp/x: no space left on device'],
    [500, 'mkdir /var/lib/docker/overlay2/abc: disk quota exceeded'],
  ],
  'memory-limit-too-low': [
    [400, `${START}: container init was OOM-killed (memory limit too low?): unknown`],
    [400, 'Minimum memory limit allowed is 6MB'],
  ],
  'memory-exhausted': [
    [500, 'failed to create shim task: OCI runtime create failed: fork/exec /usr/bin/runc: cannot allocate memory'],
  ],
  'processes-exhausted': [
    [500, 'fork/exec /usr/bin/containerd-shim-runc-v2: resource temporarily unavailable: unknown'],
    [500, 'open /proc/self/fd: too many open files'],
    [500, 'runtime/cgo: pthread_create failed: Resource temporarily unavailable'],
  ],
  'runtime-missing': [
    [
      400,
      'failed to create shim task: OCI runtime create failed: unable to retrieve OCI runtime error: exec: "runc": executable file not found in $PATH',
    ],
    [500, 'exec: "docker-init": executable file not found in $PATH'],
    [500, 'fork/exec /usr/bin/containerd-shim-runc-v2: no such file or directory: unknown'],
    [400, 'unknown or invalid runtime name: kata'],
  ],
  'executable-missing': [
    [400, `${START}: exec: "nope": executable file not found in $PATH: unknown`],
    [400, 'failed to create task for container: exec: "/nope": stat /nope: no such file or directory: unknown'],
    [400, `${START}: exec /app.sh: no such file or directory: unknown`],
  ],
  'executable-denied': [
    [400, `${START}: exec: "/etc/passwd": permission denied: unknown`],
    [400, `${START}: exec: "/etc": is a directory: unknown`],
  ],
  'wrong-architecture': [
    [500, 'exec /app: exec format error'],
    [400, `${START}: exec /app: exec format error: unknown`],
    [404, 'image with reference app:1 was found but does not match the specified platform: wanted linux/amd64'],
  ],
  'command-missing': [
    [400, 'No command specified'],
    [400, 'no command specified'],
  ],
  'user-missing': [
    [400, 'unable to find user app: no matching entries in passwd file'],
    [400, 'unable to find group staff: no matching entries in group file'],
  ],
  'working-dir-denied': [
    [400, `${START}: chdir to cwd ("/root/x") set in config.json failed: permission denied: unknown`],
  ],
  'mount-mismatch': [
    [400, 'Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists'],
    [400, `${START}: error mounting "/x" to rootfs at "/etc/passwd": mount /x:/etc/passwd: not a directory: unknown`],
  ],
  'mount-in-read-only': [
    [400, `${START}: error mounting "x" to rootfs at "/a/b": mkdirat /a/b: read-only file system: unknown`],
  ],
  'bind-missing': [[400, 'invalid mount config for type "bind": bind source path does not exist: /srv/shop/data']],
  'disk-broken': [
    [500, 'mkdir /var/lib/docker/overlay2/abc-init: read-only file system'],
    [500, 'open /var/lib/docker/containers/a/config.v2.json: input/output error'],
  ],
  'sysctl-refused': [
    [400, `${START}: sysctl "kernel.shmmax_x" is not in a separate kernel namespace: unknown`],
    [400, `${START}: write sysctl key net.core.foo: open /proc/sys/net/core/foo: no such file or directory: unknown`],
  ],
  'limit-beyond-host': [
    [400, 'Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available'],
    [400, 'range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available'],
    [400, 'Requested CPUs are not available - requested 0-7, available: 0-1'],
  ],
  'device-missing': [
    [500, 'could not select device driver "nvidia" with capabilities: [[gpu]]'],
    [500, 'error gathering device information while adding custom device "/dev/dri": no such file or directory'],
  ],
  cgroup: [
    [500, 'cgroups: cgroup mountpoint does not exist: unknown'],
    [500, `${START}: unable to apply cgroup configuration: failed to write 4711: device or resource busy: unknown`],
    [500, 'failed to write to /sys/fs/cgroup/cpu.max: invalid argument'],
    [400, 'NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the cgroup is not mounted'],
  ],
  'security-profile': [
    [500, `${START}: unable to apply apparmor profile: apparmor failed to apply profile: write /proc/self/attr/exec`],
  ],
  'log-driver-unknown': [
    [500, "failed to initialize logging driver: logger: no log driver named 'nope' is registered"],
  ],
  'log-driver-unreachable': [
    [500, 'failed to initialize logging driver: dial tcp 10.0.0.1:514: connect: connection refused'],
    [
      500,
      'failed to create task for container: failed to initialize logging driver: dial udp: lookup logs: i/o timeout',
    ],
  ],
  'host-address-missing': [
    [500, `${ENDPOINT}: Error starting userland proxy: listen tcp4 10.9.9.9:80: bind: cannot assign requested address`],
    [
      500,
      'failed to set up container networking: failed to bind host port 10.9.9.9:80/tcp: cannot assign requested address',
    ],
  ],
  'port-taken': [
    [500, `${ENDPOINT}: Bind for 0.0.0.0:80 failed: port is already allocated`],
    [500, `${ENDPOINT}: Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use`],
    [500, `${ENDPOINT}: failed to bind host port for 0.0.0.0:80:172.17.0.2:80/tcp: address already in use`],
    [500, 'Ports are not available: exposing port TCP 0.0.0.0:80 -> 0.0.0.0:0: listen tcp 0.0.0.0:80: bind: in use'],
  ],
  'port-privileged': [
    [
      500,
      "error while calling PortManager.AddPort(): cannot expose privileged port 80, you can add 'net.ipv4.ip_unprivileged_port_start=80' to /etc/sysctl.conf",
    ],
  ],
  firewall: [
    [
      500,
      `${ENDPOINT}: (iptables failed: iptables --wait -t nat -A DOCKER: iptables: No chain/target/match by that name.)`,
    ],
    [500, 'Unable to enable SKIP DNAT rule: (iptables failed: iptables --wait -t nat -I DOCKER -i br-1 -j RETURN)'],
  ],
  'address-taken': [
    [403, 'Address already in use'],
    [500, 'failed to set up container networking: Address already in use'],
  ],
  'address-outside': [
    [400, "Invalid address 10.1.1.1: It does not belong to any of this network's subnets"],
    [
      400,
      'invalid config for network a: invalid endpoint settings: no configured subnet or ip-range contain the IP address 10.1.1.1',
    ],
    [400, 'user specified IP address is supported only when connecting to networks with user configured subnets'],
  ],
  'range-taken': [
    [403, 'Pool overlaps with other one on this address space'],
    [403, 'invalid pool request: Pool overlaps with other one on this address space'],
    [403, 'cannot create network a1 (br-a1): conflicts with network b2 (br-b2): networks have overlapping IPv4'],
  ],
  'range-exhausted': [
    [500, 'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network'],
    [500, 'all predefined address pools have been fully subnetted'],
    [403, "no available IPv4 addresses on this network's address pools: shop_default (a1b2)"],
  ],
  'name-taken': [
    [409, 'Conflict. The container name "/shop-web-1" is already in use by container "a1b2". You have to remove it.'],
  ],
  'owner-down': [
    [409, 'cannot join network of a non running container: a1b2'],
    [409, 'cannot join network namespace of a non running container: container a1b2 is exited'],
  ],
  'image-gone': [[404, 'No such image: web:1']],
  'object-gone': [
    [404, 'No such container: shop-web-1'],
    [404, 'network shop_default not found'],
    [404, 'get shop_data: no such volume'],
  ],
  'engine-slow': [
    [500, 'context deadline exceeded'],
    [500, 'failed to create shim task: ttrpc: closed: timed out waiting for container'],
  ],
  'engine-away': [
    [500, 'connect ECONNREFUSED /var/run/docker.sock'],
    [500, 'connect ENOENT /var/run/docker.sock'],
    [500, 'socket hang up'],
    [500, 'read ECONNRESET'],
    [500, 'This operation was aborted'],
    [
      500,
      'connection error: desc = "transport: dial unix:///run/containerd/containerd.sock": is the docker daemon running?',
    ],
  ],
}

const HOST = 'ghcr.io'
const HEAD = `Head "https://${HOST}/v2/a/b/manifests/1"`
const GET = `Get "https://${HOST}/v2/"`

const REGISTRY: Record<string, string[]> = {
  'disk-full': ['write /var/lib/docker/tmp/GetImageBlob1: no space left on device'],
  'registry-unknown-host': [
    `${GET}: dial tcp: lookup ${HOST}: no such host`,
    `${GET}: dial tcp: lookup ${HOST} on 1.1.1.1:53: server misbehaving`,
    `${GET}: dial tcp: lookup ${HOST}: Temporary failure in name resolution`,
  ],
  'registry-tls': [
    `${GET}: x509: certificate signed by unknown authority`,
    `${GET}: tls: failed to verify certificate: x509: certificate has expired or is not yet valid`,
    `${GET}: http: server gave HTTP response to HTTPS client`,
    `${GET}: remote error: tls: handshake failure`,
  ],
  'registry-slow': [
    `${GET}: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)`,
    `${GET}: net/http: TLS handshake timeout`,
    `${GET}: dial tcp 140.82.121.34:443: i/o timeout`,
    `${GET}: context deadline exceeded`,
    'aborted after 600 s',
  ],
  'registry-unreachable': [
    `${GET}: dial tcp 127.0.0.1:5000: connect: connection refused`,
    `${GET}: read tcp 10.0.0.2:4711->140.82.121.34:443: read: connection reset by peer`,
    `${GET}: dial tcp 140.82.121.34:443: connect: no route to host`,
    `${GET}: dial tcp [2a0a::1]:443: connect: network is unreachable`,
    `${GET}: EOF`,
    'unexpected EOF',
    `${GET}: proxyconnect tcp: dial tcp 10.0.0.9:3128: connect: refused`,
  ],
  'registry-busy': [
    'toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating',
    `${HEAD}: unexpected status from HEAD request: 429 Too Many Requests`,
    'error parsing HTTP 429 response body: unexpected end of JSON input: ""',
  ],
  'registry-broken': [
    'received unexpected HTTP status: 500 Internal Server Error',
    'received unexpected HTTP status: 503 Service Unavailable',
    'error parsing HTTP 502 response body: invalid character \'<\' looking for beginning of value: "<html>"',
    `${HEAD}: unexpected status from HEAD request to https://${HOST}/v2/a/b/manifests/1: 504 Gateway Timeout`,
  ],
  'architecture-missing': [
    'no matching manifest for linux/arm64/v8 in the manifest list entries',
    'no match for platform in manifest: not found',
  ],
  'registry-access': [
    `${HEAD}: unauthorized`,
    `${HEAD}: unexpected status from HEAD request: 403 Forbidden`,
    `${HEAD}: no basic auth credentials`,
    'unauthorized: authentication required',
    'unauthorized: project shop not found: project shop not found',
    'denied: requested access to the resource is denied',
    "pull access denied for ghcr.io/a/b, repository does not exist or may require 'docker login': denied",
  ],
  'image-missing': [
    'manifest for ghcr.io/a/b:nope not found: manifest unknown: manifest unknown',
    'manifest unknown',
    'name unknown: repository name not known to registry',
    `${HOST}/a/b:1: not found`,
  ],
}

describe('the words of an engine', () => {
  for (const [name, said] of Object.entries(ENGINE)) {
    test.each(said)(`${name}: %i %s`, (status, words) => {
      const rule = ruleFor(ENGINE_RULES, words)
      expect(rule?.name).toBe(name)
      expect(failed('Cannot start web', engineError(status, words))).toMatchObject({
        fault: rule?.fault,
        message: expect.stringMatching(/^Cannot start web: [^(]+ \(.+\)$/s),
      })
    })
  }

  test('every row has words of its own', () => {
    expect(Object.keys(ENGINE).sort()).toEqual(ENGINE_RULES.map(({ name }) => name).sort())
  })

  test('in no row: what the engine calls a bad request is the fault of the release, all else of the platform', () => {
    expect(failed('x', engineError(400, 'invalid reference format'))).toMatchObject({ fault: 'release' })
    expect(failed('x', engineError(500, 'something nobody has seen before'))).toMatchObject({ fault: 'platform' })
  })

  test('say what is wrong and what to do, with the names in it', () => {
    const text = (words: string) => failed('Cannot start web', engineError(400, words)).message
    expect(text(`${START}: exec: "nope": executable file not found in $PATH: unknown`)).toContain(
      'Cannot start web: the executable "nope" is not in the image: check entrypoint and command (OCI',
    )
    expect(text('unable to find user app: no matching entries in passwd file')).toContain('no user or group "app"')
  })
})

describe('the words about a registry', () => {
  for (const [name, said] of Object.entries(REGISTRY)) {
    test.each(said)(`${name}: %s`, (words) => {
      const rule = ruleFor(REGISTRY_RULES, words)
      expect(rule?.name).toBe(name)
      const error = registryFailed('Cannot pull it', `${HOST}/a/b:1`, engineError(500, words))
      expect(error).toMatchObject({ fault: rule?.fault })
      if (name.startsWith('registry-')) expect(error.message).toContain(`the registry ${HOST} `)
    })
  }

  test('every row has words of its own', () => {
    expect(Object.keys(REGISTRY).sort()).toEqual(REGISTRY_RULES.map(({ name }) => name).sort())
  })

  test('I3 access refused names the registry and the credential', () => {
    const { message } = registryFailed('Cannot pull it', 'ghcr.io/a/b', engineError(500, 'unauthorized'))
    expect(message).toMatch(/^Cannot pull it: the registry ghcr\.io refuses access: check the credential for it/)
  })

  test('an image of the default registry that nobody may see does not exist', () => {
    const words = "pull access denied for nosuch, repository does not exist or may require 'docker login': denied"
    expect(registryFailed('x', 'nosuch', engineError(404, words))).toMatchObject({ fault: 'release' })
  })
})

test('what was thrown is kept as the cause', () => {
  const cause = engineError(500, 'x')
  expect(failed('Cannot start web', cause).cause).toBe(cause)
})
