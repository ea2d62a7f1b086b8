import { expect, test } from 'vitest'
import { failed, registryFailed } from '../../../src/engine/docker/errors.ts'

function engineError(status: number, words: string): Error {
  return Object.assign(new Error(`(HTTP code ${status}) server error - ${words} `), { statusCode: status })
}

// The engine's own words, of several versions.
test.each([
  [
    'release',
    400,
    'OCI runtime create failed: runc create failed: unable to start container process: exec: "nope": executable file not found in $PATH: unknown',
  ],
  [
    'release',
    400,
    'failed to create task for container: exec: "/nope": stat /nope: no such file or directory: unknown',
  ],
  ['release', 400, 'exec: "/etc/passwd": permission denied: unknown'],
  ['release', 500, 'exec /app: exec format error'],
  ['release', 400, 'No command specified'],
  [
    'platform',
    500,
    'driver failed programming external connectivity on endpoint x: Bind for 0.0.0.0:80 failed: port is already allocated',
  ],
  ['platform', 500, 'write /var/lib/docker/tmp/x: no space left on device'],
  ['platform', 403, 'Address already in use'],
  ['platform', 500, 'could not find an available, non-overlapping IPv4 address pool among the defaults'],
  ['platform', 500, 'all predefined address pools have been fully subnetted'],
  ['platform', 404, 'No such image: web:1'],
  ['platform', 500, 'something nobody has seen before'],
  ['release', 400, 'invalid reference format'],
])('%s: %i %s', (fault, status, words) => {
  expect(failed('Cannot start web', engineError(status, words))).toMatchObject({
    fault,
    message: expect.stringMatching(/^Cannot start web: /),
  })
})

test.each([
  ['release', 'nginx:nope', 'manifest for nginx:nope not found: manifest unknown: manifest unknown'],
  [
    'release',
    'nosuch',
    "pull access denied for nosuch, repository does not exist or may require 'docker login': denied",
  ],
  [
    'platform',
    'ghcr.io/a/b',
    "pull access denied for ghcr.io/a/b, repository does not exist or may require 'docker login': denied",
  ],
  ['platform', 'ghcr.io/a/b', 'Head "https://ghcr.io/v2/a/b/manifests/1": unauthorized'],
  ['platform', 'nginx', 'toomanyrequests: You have reached your pull rate limit'],
  ['platform', 'nginx', 'dial tcp: lookup registry-1.docker.io: no such host'],
  ['platform', 'nginx', 'dial tcp: lookup registry-1.docker.io on 1.1.1.1:53: server misbehaving'],
  ['release', 'nginx', 'no matching manifest for linux/arm64/v8 in the manifest list entries'],
  ['platform', 'nginx', 'write /var/lib/docker/tmp/GetImageBlob1: no space left on device'],
])('registry, %s: %s %s', (fault, image, words) => {
  expect(registryFailed(`Cannot pull ${image}`, image, engineError(500, words))).toMatchObject({ fault })
})

test('what was thrown is kept as the cause', () => {
  const cause = engineError(500, 'x')
  expect(failed('Cannot start web', cause).cause).toBe(cause)
})
