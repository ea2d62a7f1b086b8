import { configDefaults, defineConfig } from 'vitest/config'

/** These drive a real Docker engine, a private one that is started once for all of them. */
const withEngine = [
  'test/contract/docker.test.ts',
  'test/demo/demo.test.ts',
  'test/engine/docker*.test.ts',
  'test/engine/remote*.test.ts',
  'test/scenarios/**/*.test.ts',
  'test/support/docker.test.ts',
  'test/cli/{doctor-engine,engine,console,routes-engine}.test.ts',
]

/** The core has the engine's contract, rollouts, failures and others' hands; these are run with all of it: test:full. */
const beyondTheCore = [
  'test/cli/console.test.ts',
  'test/cli/doctor-engine.test.ts',
  'test/cli/routes-engine.test.ts',
  'test/demo/demo.test.ts',
  'test/engine/docker-networks.test.ts',
  'test/engine/remote.test.ts',
  'test/scenarios/adopt.test.ts',
  'test/scenarios/canary.test.ts',
  'test/scenarios/checks.test.ts',
  'test/scenarios/crash.test.ts',
  'test/scenarios/database.test.ts',
  'test/scenarios/drift.test.ts',
  'test/scenarios/encrypted.test.ts',
  'test/scenarios/engine-away.test.ts',
  'test/scenarios/git.test.ts',
  'test/scenarios/images.test.ts',
  'test/scenarios/jobs.test.ts',
  'test/scenarios/networks.test.ts',
  'test/scenarios/others.test.ts',
  'test/scenarios/people.test.ts',
  'test/scenarios/policy.test.ts',
  'test/scenarios/probe.test.ts',
  'test/scenarios/registry.test.ts',
  'test/scenarios/scale.test.ts',
  'test/scenarios/secrets.test.ts',
  'test/scenarios/settings.test.ts',
  'test/scenarios/targets.test.ts',
  'test/source/size.test.ts',
]
const isFull = process.env['HOLDFAST_TESTS'] === 'full'

/**
 * What promises that something is back in two seconds, or that no request waits; and what builds an image, which keeps both
 * cores busy for a minute. These run one after the other when all else is done.
 */
const alone = [
  'test/engine/docker-gateway*.test.ts',
  'test/engine/docker-traffic-names.test.ts',
  'test/packaging/image.test.ts',
  'test/scenarios/traffic-*.test.ts',
]

/** These run the built program. */
const withProgram = ['test/cli/**/*.test.ts']

export default defineConfig({
  test: {
    // Ten thousand runs of a property take minutes.
    testTimeout: isFull ? 1_800_000 : 120_000,
    hookTimeout: 300_000,
    allowOnly: !process.env['CI'],
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'plain',
          include: ['test/**/*.test.ts'],
          exclude: [
            ...configDefaults.exclude,
            ...withEngine,
            ...alone,
            ...withProgram,
            ...(isFull ? [] : beyondTheCore),
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'program',
          include: withProgram,
          exclude: [...configDefaults.exclude, ...withEngine],
          globalSetup: 'test/support/global-build.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'engine',
          include: withEngine,
          exclude: [...configDefaults.exclude, ...alone, ...(isFull ? [] : beyondTheCore)],
          // Engines on a busy machine: whatever waits for a condition has its own limit, which says what it waited for.
          testTimeout: 240_000,
          globalSetup: ['test/support/global-build.ts', 'test/support/global-engine.ts', 'test/scenarios/apps.ts'],
          // All of the properties keep the cores busy for many minutes; the core's few runs fit in beside.
          sequence: { groupOrder: isFull ? 1 : 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: isFull ? alone : [],
          testTimeout: 240_000,
          globalSetup: ['test/support/global-build.ts', 'test/support/global-engine.ts', 'test/scenarios/apps.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
