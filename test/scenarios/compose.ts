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
