import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { benchLoad } from './load.ts'

const folder = mkdtempSync(join(tmpdir(), 'tierwise-bench-load-'))
afterAll(() => rmSync(folder, { recursive: true }))

const DEFAULTS = { burst: 20_000, load: 0.5, traceFormat: 'arrival-times' } as const
const load = (options: Partial<Parameters<typeof benchLoad>[0]> = {}) =>
  benchLoad({ ...DEFAULTS, ...options }, { largest: 100, smallest: 400 }, new Random(1))

test('a burst of five times the rate between two pauses', async () => {
  const { arrivalsMs, burst, description } = await load()
  expect(burst).toEqual({ fromMs: 10_000, toMs: 30_000 })
  expect(description).toBe('50.0 requests a second, 5 times as many for 20 s')
  const between = (fromMs: number, toMs: number) =>
    arrivalsMs.filter((ms) => ms >= fromMs && ms < toMs).length
  // 500, 5000 and 500 by chance.
  expect(Math.abs(between(0, 10_000) - 500)).toBeLessThan(100)
  expect(Math.abs(between(10_000, 30_000) - 5000)).toBeLessThan(300)
  expect(Math.abs(between(30_000, 40_000) - 500)).toBeLessThan(100)
  expect(between(0, 40_000)).toBe(arrivalsMs.length)
})

test('an overload of what the smallest variant sustains', async () => {
  const { arrivalsMs, description } = await load({ overload: 3 })
  expect(description).toBe('50.0 requests a second, 24 times as many for 20 s')
  const plateau = arrivalsMs.filter((ms) => ms >= 10_000 && ms < 30_000).length
  expect(Math.abs(plateau - 24_000)).toBeLessThan(700)
  await expect(load({ overload: 3, workload: 'poisson' })).rejects.toThrow('--overload')
})

test('a workload by name, at the rate given or by load', async () => {
  const byLoad = await load({ workload: 'poisson', duration: 10_000 })
  expect(Math.abs(byLoad.arrivalsMs.length - 500)).toBeLessThan(100)
  expect(byLoad).not.toHaveProperty('burst')
  const byRate = await load({ workload: 'gamma', rate: 200, set: { gapCv: 2 } })
  expect(Math.abs(byRate.arrivalsMs.length - 12_000)).toBeLessThan(1500)
})

test('a trace, as far as it may last', async () => {
  const trace = join(folder, 'trace.txt')
  writeFileSync(trace, '0.5\n1\n7\n')
  expect([...(await load({ trace })).arrivalsMs]).toEqual([500, 1000, 7000])
  expect([...(await load({ trace, duration: 5000 })).arrivalsMs]).toEqual([500, 1000])
})
