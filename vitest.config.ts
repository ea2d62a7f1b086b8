import { configDefaults, defineConfig } from 'vitest/config'

/** These drive a real Docker engine, a private one that is started once for all of them. */
const withEngine = [
  'test/contract/docker.test.ts',
  'test/demo/demo.test.ts',
  'test/engine/docker*.test.ts',
  'test/engine/remote*.test.ts',
  'test/scenarios/**/*.test.ts',
  'test/support/docker.test.ts',
  'test/cli/engine.test.ts',
]

/** These run the built program. */
const withProgram = ['test/cli/**/*.test.ts']

export default defineConfig({
  test: {
    // Ten thousand runs of a property take minutes.
    testTimeout: Number(process.env['HOLDFAST_PROPERTY_RUNS'] ?? 0) > 1_000 ? 900_000 : 60_000,
    hookTimeout: 300_000,
    allowOnly: !process.env['CI'],
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'plain',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...withEngine, ...withProgram],
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
          globalSetup: ['test/support/global-build.ts', 'test/support/global-engine.ts', 'test/scenarios/apps.ts'],
        },
      },
    ],
  },
})
