import { expect, test } from 'vitest'
import { workerUrl } from './worker-url.ts'

test('a source file starts the compiled worker, a compiled file its neighbour', () => {
  expect(workerUrl('agent-worker', 'file:///p/src/orchestration/thread.ts').pathname).toBe(
    '/p/dist/orchestration/agent-worker.js',
  )
  expect(workerUrl('agent-worker', 'file:///p/dist/orchestration/thread.js').pathname).toBe(
    '/p/dist/orchestration/agent-worker.js',
  )
})
