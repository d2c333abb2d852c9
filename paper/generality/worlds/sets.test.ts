import { expect, test } from 'vitest'
import { sweep } from '../sweep.ts'
import { CURVES } from './laws.ts'
import { FIRST_REPORTED_SEED, SETS, TUNING_BUDGET } from './sets.ts'

const { tuning, reported } = SETS

test('nothing is for tuning that is also reported', () => {
  for (const what of ['laws', 'noises', 'factors'] as const) {
    const both = new Set<string | number>([...tuning[what], ...reported[what]])
    expect(both.size, what).toBe(tuning[what].length + reported[what].length)
  }
})

test('at least nine laws are reported, and every law is in a set', () => {
  expect(reported.laws.length).toBeGreaterThanOrEqual(9)
  const curves = Object.keys(CURVES).filter((name) => name !== 'level')
  expect([...tuning.laws, ...reported.laws]).toEqual(expect.arrayContaining(curves))
})

test('things become slower and quicker in both', () => {
  for (const { factors } of [tuning, reported]) {
    expect(factors.some((factor) => factor > 1)).toBe(true)
    expect(factors.some((factor) => factor < 1)).toBe(true)
  }
})

test('runs for tuning have worlds, changes and seeds of their own', () => {
  const runs = sweep({ quick: false, seeds: 12 })
  const own = runs.filter(({ set }) => set === 'tuning')
  expect(new Set(own.map(({ seed }) => seed)).size).toBe(TUNING_BUDGET.seeds)
  for (const { set, seed, world, change, study } of runs) {
    expect(seed < FIRST_REPORTED_SEED).toBe(set === 'tuning')
    if (study !== 'paper') expect(SETS[set].laws).toContain(world)
    if (change) expect(SETS[set].factors).toContain(change.factor)
  }
  const worlds = (set: string) =>
    new Set(runs.flatMap((run) => (run.set === set ? `${run.world} ${run.seed}` : [])))
  expect([...worlds('tuning')].filter((world) => worlds('reported').has(world))).toEqual([])
})
