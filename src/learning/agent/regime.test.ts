import { expect, it } from 'vitest'
import type { State } from '../environment/environment.ts'
import { sameState } from './regime.ts'

const STATE: State = {
  features: Float32Array.of(0.5),
  goalPercent: 85,
  available: [true, true, true],
}

it('tells states apart by everything that matters to a decision', () => {
  expect(sameState(STATE, structuredClone(STATE))).toBe(true)
  expect(sameState(STATE, { ...STATE, features: Float32Array.of(0.25) })).toBe(false)
  expect(sameState(STATE, { ...STATE, features: Float32Array.of(0.5, 0) })).toBe(false)
  expect(sameState(STATE, { ...STATE, goalPercent: 80 })).toBe(false)
  expect(sameState(STATE, { ...STATE, available: [true, true, false] })).toBe(false)
})
