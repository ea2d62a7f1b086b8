import { readFile } from 'node:fs/promises'
import { BASE_IMAGE, buildImage, ensureBaseImage } from './images.ts'

/** What a sample image does when it runs. All serve their version on 8080 at `/`, and `ok` at `/health` while healthy. */
export type Behaviour =
  | { kind: 'good' }
  /** Good, but deaf to the stop signal. */
  | { kind: 'ignores-term' }
  /** Serves, and has no health check. */
  | { kind: 'no-healthcheck' }
  /** Ends with `code`, after `seconds` (0: at once). Without a health check, as a job is. */
  | { kind: 'exit'; code: number; seconds?: number }
  /** Ends with code 3 one second after its health check first passed. */
  | { kind: 'exit-after-healthy' }
  | { kind: 'turns-unhealthy'; seconds: number }
  /** Its health check never passes, within a start period of an hour. */
  | { kind: 'starting-forever' }
  /** Healthy after `seconds`, within a start period of a minute. */
  | { kind: 'slow-start'; seconds: number }

/** Builds an image with that behaviour; `/` answers with `tag`. Resolves to the image's id. */
export async function appImage(socketPath: string, tag: string, behaviour: Behaviour): Promise<string> {
  await ensureBaseImage(socketPath)
  const script = await readFile(new URL('app.sh', import.meta.url), 'utf8')
  return await buildImage(socketPath, tag, { files: { 'app.sh': script }, dockerfile: dockerfile(tag, behaviour) })
}

function dockerfile(tag: string, behaviour: Behaviour): string {
  const environment = Object.entries(environmentOf(behaviour)).map(([key, value]) => `${key}=${value}`)
  return [
    `FROM ${BASE_IMAGE}`,
    'ADD app.sh /app.sh',
    `ENV VERSION=${tag} ${environment.join(' ')}`,
    ...healthcheck(behaviour),
    'EXPOSE 8080',
    'CMD ["/app.sh"]',
    '',
  ].join('\n')
}

function environmentOf(behaviour: Behaviour): Record<string, string | number> {
  const seconds = 'seconds' in behaviour ? (behaviour.seconds ?? 0) : 0
  const code = behaviour.kind === 'exit' ? behaviour.code : 3
  const served = behaviour.kind === 'ignores-term' || behaviour.kind === 'no-healthcheck'
  return {
    BEHAVIOUR: served ? 'good' : behaviour.kind,
    SECONDS_UNTIL: seconds,
    CODE: code,
    ON_TERM: behaviour.kind === 'ignores-term' ? 'ignore' : 'exit',
  }
}

function healthcheck(behaviour: Behaviour): string[] {
  if (behaviour.kind === 'no-healthcheck' || behaviour.kind === 'exit') return []
  const startPeriods: Partial<Record<Behaviour['kind'], string>> = { 'starting-forever': '1h', 'slow-start': '60s' }
  const startPeriod = startPeriods[behaviour.kind] ?? '1ms'
  const timing = `--interval=500ms --timeout=5s --retries=2 --start-period=${startPeriod}`
  return [`HEALTHCHECK ${timing} CMD wget -q -O /dev/null http://127.0.0.1:8080/health && touch /tmp/answered`]
}
