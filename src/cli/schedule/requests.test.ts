import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { exampleLadder } from '../../scheduling/example-node.fixture.ts'
import { readRequests } from './requests.ts'

const folder = mkdtempSync(join(tmpdir(), 'tierwise-requests-'))
afterAll(() => rmSync(folder, { recursive: true }))

const LOAD = {
  // Variants of 50, 80 and 100 %.
  ladder: exampleLadder(),
  deadlineMs: 20,
  traceFormat: 'arrival-times',
  workload: 'poisson',
  ratePerS: 50,
  durationMs: 60_000,
} as const

test('requests of a workload are alike', async () => {
  const requests = await readRequests(LOAD, new Random(1))
  expect(requests.length / 3000).toBeCloseTo(1, 1)
  for (const { arrivalMs, deadlineMs, priority, lowestVariant } of requests) {
    expect([deadlineMs, priority, lowestVariant]).toEqual([arrivalMs + 20, 0, 0])
  }
})

test('those of a trace may have deadlines, priorities and accuracies of their own', async () => {
  const trace = join(folder, 'mixed')
  writeFileSync(trace, '1\n1.5 8 2\n2 40 1 75\n')
  expect(await readRequests({ ...LOAD, trace }, new Random(1))).toEqual([
    { arrivalMs: 1000, deadlineMs: 1020, priority: 0, lowestVariant: 0 },
    { arrivalMs: 1500, deadlineMs: 1508, priority: 2, lowestVariant: 0 },
    { arrivalMs: 2000, deadlineMs: 2040, priority: 1, lowestVariant: 1 },
  ])
  writeFileSync(trace, '1 20 0 101\n')
  await expect(readRequests({ ...LOAD, trace }, new Random(1))).rejects.toThrow(
    `${trace}: no variant reaches 101 %`,
  )
})
