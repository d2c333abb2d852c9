import { configDefaults, defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** `npm run test:slow` runs what takes minutes: whole fleets and trainings. `npm test` runs the others. */
const SLOW = '{src,dashboard,test,scripts,paper}/**/*.slow.test.ts'

/** Slow files of more than a minute and a half. Begun last, one of them would run when nothing else is left. */
const LONGEST = /\/(docs|hybrid\.conformance|schedules|schedule|package|up)\.slow\.test\.ts$/

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => Number(LONGEST.test(moduleId))
    return (await super.sort(files)).toSorted((one, other) => isLong(other) - isLong(one))
  }
}

export default defineConfig(({ mode }) => ({
  test: {
    ...(mode === 'slow'
      ? { include: [SLOW], sequence: { sequencer: LongestFirst } }
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
