import { configDefaults, defineConfig } from 'vitest/config'

/** `npm run test:slow` runs what takes minutes: whole fleets and trainings. `npm test` runs the others. */
const SLOW = '{src,dashboard,test,scripts,paper}/**/*.slow.test.ts'

export default defineConfig(({ mode }) => ({
  test: {
    ...(mode === 'slow'
      ? { include: [SLOW] }
      : {
          include: ['{src,dashboard,test,scripts,paper}/**/*.test.{ts,tsx}'],
          exclude: [...configDefaults.exclude, SLOW],
          // Files share the modules they import: to load those anew for each took a third of the time. No test may leave anything behind.
          isolate: false,
        }),
    // Worker threads of the code under test start from dist/: see src/package-files.ts.
    globalSetup: './test/build.ts',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: mode === 'slow' ? 120_000 : 30_000,
    hookTimeout: 60_000,
  },
}))
