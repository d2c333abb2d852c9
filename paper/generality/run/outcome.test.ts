import { expect, test } from 'vitest'
import type { GeneralitySettings } from '../settings.ts'
import { BEST_FIXED } from './best-fixed.ts'
import { type GeneralityResult, run } from './outcome.ts'

const SETTINGS: GeneralitySettings = {
  set: 'reported',
  study: 'learners',
  agent: 'factored',
  world: 'knee',
  local: 'free',
  users: 3,
  goal: 'middle',
  noise: 'normal 8 %',
  profile: 'none',
  steps: 60,
  seed: 7,
}

const outcomeOf = (change: Partial<GeneralitySettings> = {}) =>
  run(
    { ...SETTINGS, ...change },
    { signal: new AbortController().signal, onProgress: () => Promise.resolve() },
  )

/** What a clock does not change. */
const learned = ({ phases, violations }: GeneralityResult) => ({ phases, violations })

test('a run is of its settings alone', async () => {
  const outcome = learned(await outcomeOf())
  expect(learned(await outcomeOf())).toEqual(outcome)
  expect(learned(await outcomeOf({ seed: 8 }))).not.toEqual(outcome)
  expect(outcome.violations).toBe(0)
  expect(outcome.phases).toHaveLength(1)
})

test.each(['hybrid', 'dqn', 'bandit'])('%s learns in the same fleet', async (agent) => {
  const [phase] = (await outcomeOf({ agent, steps: 30 })).phases
  const [factored] = (await outcomeOf({ steps: 30 })).phases
  expect(phase?.optimumMs).toBe(factored?.optimumMs)
  expect(phase?.extraPercent.all).toBeGreaterThanOrEqual(0)
})

test('the best fixed strategy takes as much from the first step to the last', async () => {
  const { phases, violations } = await outcomeOf({ agent: BEST_FIXED })
  const [{ extraPercent, finalPercent } = { extraPercent: undefined, finalPercent: 0 }] = phases
  expect(extraPercent?.all).toBeCloseTo(finalPercent, 9)
  expect(extraPercent?.last200).toBeCloseTo(finalPercent, 9)
  expect(finalPercent).toBeGreaterThanOrEqual(0)
  expect(violations).toBe(0)
})

test('a change divides a run, and nothing but what is slower differs before and after', async () => {
  const { phases } = await outcomeOf({ change: { what: 'edge', factor: 4 }, goal: 'none' })
  const [before, after] = phases
  expect(phases).toHaveLength(2)
  expect(after?.optimumMs).toBeGreaterThan(before?.optimumMs ?? Number.NaN)
  expect(after?.extraPercent.from500).toBeNull()
})

test('what devices tell of their own times can be given, and is used', async () => {
  const [told] = (await outcomeOf({ profile: 'exact' })).phases
  const [untold] = (await outcomeOf()).phases
  expect(told?.optimumMs).toBe(untold?.optimumMs)
})
