import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { packageFile, packageVersion, workerUrl } from './package-files.ts'

test.each([
  ['file:///p/src/orchestration/thread.ts', '/p/dist/src/orchestration/agent-worker.js'],
  ['file:///p/dist/src/orchestration/thread.js', '/p/dist/src/orchestration/agent-worker.js'],
  [
    'file:///home/me/src/p/src/orchestration/thread.ts',
    '/home/me/src/p/dist/src/orchestration/agent-worker.js',
  ],
  [
    'file:///home/me/src/p/dist/src/orchestration/thread.js',
    '/home/me/src/p/dist/src/orchestration/agent-worker.js',
  ],
])('beside %s: %s', (caller, expected) => {
  expect(workerUrl('agent-worker', caller).pathname).toBe(expected)
})

test('the package knows its own files and version', () => {
  expect(existsSync(packageFile('pictures/README.md'))).toBe(true)
  expect(packageVersion()).toMatch(/^\d+\.\d+\.\d+/)
})
