import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{src,dashboard,test,scripts,paper}/**/*.test.{ts,tsx}'],
    // Worker threads of the code under test start from dist/: see src/package-files.ts.
    globalSetup: './test/build.ts',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
