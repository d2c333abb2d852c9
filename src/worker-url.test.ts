import { expect, test } from 'vitest'
import { workerUrl } from './worker-url.ts'

test.each([
  ['file:///p/src/orchestration/thread.ts', '/p/dist/orchestration/agent-worker.js'],
  ['file:///p/dist/orchestration/thread.js', '/p/dist/orchestration/agent-worker.js'],
  [
    'file:///home/me/src/p/src/orchestration/thread.ts',
    '/home/me/src/p/dist/orchestration/agent-worker.js',
  ],
  [
    'file:///home/me/src/p/dist/orchestration/thread.js',
    '/home/me/src/p/dist/orchestration/agent-worker.js',
  ],
])('beside %s: %s', (caller, expected) => {
  expect(workerUrl('agent-worker', caller).pathname).toBe(expected)
})
