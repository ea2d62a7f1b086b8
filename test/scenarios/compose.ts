import { SERVICE_IMAGE } from '../support/traffic/service-image.ts'

/** A service with a short monitor window; whatever matters to a test is passed in. */
export function web(image: string, parts: Record<string, unknown> = {}): Record<string, unknown> {
  const {
    replicas = 1,
    update = {},
    deploy = {},
    ...rest
  } = parts as {
    replicas?: number
    update?: Record<string, unknown>
    deploy?: Record<string, unknown>
  }
  return {
    image,
    stop_grace_period: '2s',
    ...rest,
    deploy: { replicas, update_config: { monitor: '1s', ...update }, ...deploy },
  }
}

/** The service that traffic is tried on, ready within a moment; `drain` is how long it may finish what it began. */
export function served(version: string, drain: string, parts: Record<string, unknown> = {}): Record<string, unknown> {
  const { environment = {}, ...rest } = parts as { environment?: Record<string, string> }
  return web(SERVICE_IMAGE, {
    healthcheck: {
      test: ['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:8080/health'],
      interval: '500ms',
      timeout: '5s',
      retries: 2,
      start_period: '5s',
    },
    'x-holdfast': { drain },
    ...rest,
    environment: { VERSION: version, ...environment },
  })
}
