import { describe, expect, test } from 'vitest'
import type { GeneralitySettings } from '../settings.ts'
import { changesOf } from '../sweep.ts'
import { fleetOf } from './fleets.ts'
import { plannedOptimum } from './optimum.ts'

const SETTINGS: GeneralitySettings = {
  set: 'reported',
  study: 'laws',
  agent: 'factored',
  world: 'knee',
  local: 'free',
  users: 5,
  goal: 'none',
  noise: 'normal 8 %',
  profile: 'none',
  steps: 60,
  seed: 7,
}

const optimumOf = (change: Partial<GeneralitySettings>) =>
  fleetOf({ ...SETTINGS, ...change }).optimum

test('the fleet is of the seed, its size and its laws, not of what is asked of it', () => {
  const optimum = optimumOf({})
  for (const same of [{}, { agent: 'bandit' }, { profile: 'exact' }, { steps: 9 }] as const) {
    expect(optimumOf(same)).toEqual(optimum)
  }
  for (const other of [{ seed: 8 }, { world: 'paging' }, { local: 'by size' }] as const) {
    expect(optimumOf(other)).not.toEqual(optimum)
  }
})

test('a higher goal costs no less', () => {
  const ms = (['none', 'middle', 'high'] as const).map((goal) => optimumOf({ goal }).responseTimeMs)
  expect(ms.toSorted((one, other) => one - other)).toEqual(ms)
})

test('where devices interact the optimum is of all decisions, whoever asks', () => {
  const bus = { world: 'memory bus' } as const
  expect(optimumOf({ ...bus, agent: 'bandit' })).toEqual(optimumOf(bus))
  expect(optimumOf({ ...bus, seed: 8 })).not.toEqual(optimumOf(bus))
})

describe.each(changesOf('reported', 5))('$what × $factor', (change) => {
  const settings = { ...SETTINGS, study: 'drift', change } as const

  test('moves the optimum by more than 5 %, and is not in force before', () => {
    const { environment, optimum, event } = fleetOf(settings)
    expect(plannedOptimum(environment).responseTimeMs).toBeCloseTo(optimum.responseTimeMs, 9)
    for (const node of event?.nodes ?? []) environment.setFactor(node, change.factor)
    const stays = environment.expectedResponseTimeMs(optimum.decision)
    const moved = event?.optimum.responseTimeMs ?? Number.NaN
    expect(stays).toBeGreaterThan(1.05 * moved)
    expect(plannedOptimum(environment).responseTimeMs).toBeCloseTo(moved, 9)
  })
})

test('a change that moves no optimum is refused', () => {
  const nothing = { what: 'cloud', factor: 1.0001 } as const
  expect(() => fleetOf({ ...SETTINGS, change: nothing })).toThrow(
    'none has an optimum that moves when cloud becomes 1.0001 times as slow: take another law',
  )
})
