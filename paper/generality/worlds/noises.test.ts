import { mean, sampleCorrelation, standardDeviation } from 'simple-statistics'
import { expect, test } from 'vitest'
import type { Tier } from '../../../src/fleet/placement.ts'
import { Random } from '../../../src/random.ts'
import { noiseOf } from '../../../src/simulation/noise.ts'
import { NOISES, type NoiseName } from './noises.ts'

const NAMES = Object.keys(NOISES).filter((name): name is NoiseName => Object.hasOwn(NOISES, name))
const DEVICES = [0, 1, 2, 3, 4]

/** Shape [rounds][devices]. */
function factors(name: NoiseName, rounds: number, tier: Tier = 'cloud'): number[][] {
  const random = new Random(5)
  const noise = noiseOf(NOISES[name]).begin()
  return Array.from({ length: rounds }, () => DEVICES.map((device) => noise(device, random, tier)))
}

test.each(NAMES)('%s: its average is 1', (name) => {
  expect(Math.abs(mean(factors(name, 40_000).flat()) - 1)).toBeLessThan(0.02)
})

test('normal and lognormal ones have the deviation that they are called by', () => {
  expect(standardDeviation(factors('normal 8 %', 4000).flat())).toBeCloseTo(0.08, 2)
  const logarithms = factors('lognormal 0.5', 4000).flat().map(Math.log)
  expect(standardDeviation(logarithms)).toBeCloseTo(0.5, 1)
})

test('AR(1) lasts from round to round, of every device by itself', () => {
  const rounds = factors('AR(1) 0.15', 4000)
  const of = (device: number) => rounds.map((round) => Math.log(round[device] ?? 1))
  expect(sampleCorrelation(of(0).slice(1), of(0).slice(0, -1))).toBeCloseTo(0.9, 1)
  expect(Math.abs(sampleCorrelation(of(0), of(1)))).toBeLessThan(0.2)
})

test('common noise is of a round, not of a device', () => {
  const rounds = factors('common 0.2', 4000)
  const of = (device: number) => rounds.map((round) => round[device] ?? 1)
  expect(sampleCorrelation(of(0), of(4))).toBeGreaterThan(0.9)
  expect(Math.abs(sampleCorrelation(of(0).slice(1), of(0).slice(0, -1)))).toBeLessThan(0.1)
})

test('Pareto has a least factor and a long tail; the tail at the cloud is there alone', () => {
  const pareto = factors('Pareto 2.2', 4000).flat()
  expect(Math.min(...pareto)).toBeGreaterThan(0.54)
  expect(Math.max(...pareto)).toBeGreaterThan(5)
  const largest = (tier: Tier) => Math.max(...factors('tail at the cloud', 4000, tier).flat())
  expect(largest('cloud')).toBeGreaterThan(4)
  expect(largest('edge')).toBeLessThan(1.3)
})
