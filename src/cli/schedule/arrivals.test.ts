import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { WORKLOAD_NAMES } from '../../simulation/workload/named.ts'
import { describeParameters, readArrivals } from './arrivals.ts'

const folder = mkdtempSync(join(tmpdir(), 'tierwise-arrivals-'))
afterAll(() => rmSync(folder, { recursive: true }))

const LOAD = { traceFormat: 'arrival-times', ratePerS: 50, durationMs: 60_000 } as const

function read(workload: string, parameters: Readonly<Record<string, number>> = {}) {
  return readArrivals({ ...LOAD, workload, parameters }, new Random(1))
}

test.each(WORKLOAD_NAMES)('%s has about the rate asked for', async (workload) => {
  const { length } = await read(workload)
  expect(length).toBeGreaterThan(0.8 * 3000)
  expect(length).toBeLessThan(1.2 * 3000)
})

test('parameters shape a workload', async () => {
  const arrivalsMs = await read('on-off', { onMs: 1000, offMs: 29_000 })
  const isOn = (arrivalMs: number) => arrivalMs % 30_000 <= 1000
  expect(arrivalsMs.every(isOn)).toBe(true)
  expect((await read('on-off')).every(isOn)).toBe(false)
})

test('the help names parameters with their defaults', () => {
  expect(describeParameters()).toContain('  gamma    gapCv=3\n')
  expect(describeParameters()).not.toContain('poisson')
})

test('a trace in either format stands in for the workload', async () => {
  const trace = join(folder, 'trace')
  writeFileSync(trace, '0.5\n1\n')
  const options = { ...LOAD, workload: 'poisson', trace }
  expect([...(await readArrivals(options, new Random(1)))]).toEqual([500, 1000])
  const intervals = await readArrivals({ ...options, traceFormat: 'intervals' }, new Random(1))
  expect([...intervals]).toEqual([0.0005, 0.0015])
  writeFileSync(trace, '2\n1\n')
  await expect(readArrivals(options, new Random(1))).rejects.toThrow(`${trace}: line 2: arrival`)
})
