import type { TestProject } from 'vitest/node'
import { appImage, type Behaviour } from '../support/app.ts'
import { buildImage } from '../support/images.ts'
import { ensureServiceImage } from '../support/traffic/service-image.ts'
import { ensureTrafficImage } from '../support/traffic-image.ts'

/** The images of the scenarios, by tag. Each answers with its tag. */
const APPS: Record<string, Behaviour> = {
  'app:1': { kind: 'good' },
  'app:2': { kind: 'good' },
  'app:3': { kind: 'good' },
  'app:job': { kind: 'exit', code: 0, seconds: 1 },
  'app:job-slow': { kind: 'exit', code: 0, seconds: 6 },
  'app:exits': { kind: 'exit', code: 1 },
  'app:exits-too': { kind: 'exit', code: 4 },
  'app:exits-0': { kind: 'exit', code: 0 },
  'app:exits-soon': { kind: 'exit', code: 1, seconds: 1 },
  'app:exits-after-healthy': { kind: 'exit-after-healthy' },
  'app:turns-unhealthy': { kind: 'turns-unhealthy', seconds: 2 },
  'app:starting': { kind: 'starting-forever' },
  'app:slow': { kind: 'slow-start', seconds: 4 },
  'app:sick-later': { kind: 'turns-unhealthy', seconds: 8 },
  'app:deaf': { kind: 'ignores-term' },
  'app:unchecked': { kind: 'no-healthcheck' },
  'app:unchecked-exits': { kind: 'exit', code: 0, seconds: 2 },
  'app:crash-loops': { kind: 'exit', code: 1, seconds: 6 },
}

/** Before all test files, and once: two that built one tag side by side would take it from each other. */
export async function setup(project: TestProject): Promise<void> {
  const socket = project.getProvidedContext().engineSocket
  for (const [tag, behaviour] of Object.entries(APPS)) await appImage(socket, tag, behaviour)
  for (const [tag, page] of Object.entries({ 'app:shell-less': 'health', 'app:shell-less-bad': 'other' })) {
    await buildImage(socket, tag, { files: { page: 'ok' }, dockerfile: shellLess(page) })
  }
  await buildImage(socket, 'app:no-entrypoint', {
    files: {},
    dockerfile: 'FROM sample/base\nENTRYPOINT ["/no/such/program"]\n',
  })
  await buildImage(socket, 'app:wrong-architecture', {
    // The magic of an ELF file for a machine that does not exist.
    files: { program: `\u007fELF\u0002\u0001\u0001${'\0'.repeat(9)}\u0002\0\u00ff\u0000${'\0'.repeat(100)}` },
    dockerfile: 'FROM sample/base\nADD program /program\nRUN chmod 755 /program\nENTRYPOINT ["/program"]\n',
  })
  await ensureTrafficImage(socket)
  // A hundred megabytes, which the core can do without.
  if (process.env['HOLDFAST_TESTS'] === 'full') await ensureServiceImage(socket)
}

/** A web server with nothing beside it: no shell, no client, no other program that could check it from inside. */
function shellLess(page: string): string {
  return [
    'FROM sample/base AS base',
    'FROM scratch',
    'COPY --from=base /bin/busybox /httpd',
    `ADD page /www/${page}`,
    'ENTRYPOINT ["/httpd", "-f", "-p", "8080", "-h", "/www"]',
    '',
  ].join('\n')
}
