import { expect, it } from 'vitest'
import type { ClosedRound } from '../control/messages.ts'
import { Slowness } from './slowness.ts'

const closed = (responseTimeMs: number, byRule = false): ClosedRound => ({
  round: 0,
  agent: 'factored',
  ...(byRule && { byRule }),
  goalPercent: 85,
  placements: {},
  responseTimesMs: {},
  responseTimeMs,
  accuracyPercent: 89.9,
  violated: false,
})

function hear(slowness: Slowness, timesMs: readonly number[], ruleMs?: number) {
  return timesMs.map((ms) => slowness.hear(closed(ms), ruleMs)).at(-1)
}

it('compares the last rounds with what the rule was measured to take, one slow round not counting', () => {
  const slowness = new Slowness({ whenSlowerPercent: 20, rounds: 3 })
  for (const ms of [100, 900, 100]) slowness.hear(closed(ms, true), undefined)
  expect(hear(slowness, [500, 110, 110])).toMatch(/last 3 rounds took 240\.0 ms .* 120\.0 ms/)
  expect(hear(slowness, [120, 120, 120])).toBeUndefined()
  expect(hear(slowness, [121])).toMatch(/120\.3 ms/)
})

it('prefers what is known of the rule', () => {
  const slowness = new Slowness({ whenSlowerPercent: 20, rounds: 1 })
  slowness.hear(closed(10, true), 200)
  expect(slowness.hear(closed(240), 200)).toBeUndefined()
  expect(slowness.hear(closed(241), 200)).toBeDefined()
})

it('compares with the agent’s first rounds while the rule was never in force', () => {
  const slowness = new Slowness({ whenSlowerPercent: 50, rounds: 2 })
  expect(hear(slowness, [100, 100, 140, 160])).toBeUndefined()
  expect(hear(slowness, [160])).toBeDefined()
})

it('waits for as many rounds as it averages, also after the agent began anew', () => {
  const slowness = new Slowness({ whenSlowerPercent: 0, rounds: 3 })
  slowness.hear(closed(10, true), undefined)
  expect(hear(slowness, [90, 90])).toBeUndefined()
  slowness.restart()
  expect(hear(slowness, [90, 90])).toBeUndefined()
  expect(hear(slowness, [90])).toBeDefined()
})

it('finds nothing too slow unless told what is', () => {
  const slowness = new Slowness({ rounds: 1 })
  slowness.hear(closed(10, true), undefined)
  expect(hear(slowness, [1e6])).toBeUndefined()
})
