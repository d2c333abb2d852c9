import { expect, it } from 'vitest'
import { HybridMemory } from './hybrid-memory.ts'
import { HYBRID } from './hyperparameters.ts'

function memory() {
  return new HybridMemory(HYBRID)
}

/** One real step of the only decision there is. */
function stepOf(cost: number) {
  const features = new Float32Array(0)
  return { features, decision: [0], cost, nextFeatures: features }
}

it('keeps the mean of all trials of what is in D_plan, and nothing else', () => {
  const kept = memory()
  kept.tryAgain('0', stepOf(90))
  expect(kept.plan.size).toBe(0)
  kept.plan.set('0', stepOf(90))
  kept.tryAgain('0', stepOf(120))
  kept.tryAgain('0', stepOf(60))
  expect(kept.plan.get('0')).toMatchObject({ cost: 90, trials: 3 })
  expect(kept.plan.size).toBe(1)
})

it('forgets what was predicted once it is tried', () => {
  const kept = memory()
  kept.plan.set('0', { ...stepOf(90), predicted: true })
  kept.tryAgain('0', stepOf(120))
  expect(kept.plan.get('0')).toEqual({ ...stepOf(120), trials: 1 })
})

it('follows a change: after 32 trials the mean moves by a 32nd', () => {
  const kept = memory()
  kept.plan.set('0', stepOf(100))
  for (let trial = 0; trial < 100; trial++) kept.tryAgain('0', stepOf(100))
  kept.tryAgain('0', stepOf(132))
  expect(kept.plan.get('0')).toMatchObject({ cost: 101, trials: 32 })
})

it('restores D_plan with its means', () => {
  const kept = memory()
  kept.plan.set('0', stepOf(90))
  kept.tryAgain('0', stepOf(120))
  const restored = memory()
  restored.restore(structuredClone(kept.save()))
  restored.tryAgain('0', stepOf(60))
  expect(restored.plan.get('0')).toMatchObject({ cost: 90, trials: 3 })
})

it('leaves to chance what was never taken, and everything once all was', () => {
  const choice = { placement: { tier: 'end', variant: 'm0' }, accuracyPercent: 80 } as const
  const problem = { devices: 1, stateSize: 0, choices: [choice, choice, choice] }
  const kept = memory()
  const take = (taken: number) => kept.direct.push({ ...stepOf(90), decision: [taken] })
  const left = (...decisions: number[]) => [
    ...kept.untaken(Uint32Array.from(decisions), { features: new Float32Array(0) }, problem),
  ]
  expect(left(0, 1, 2)).toEqual([0, 1, 2])
  take(1)
  expect(left(0, 1, 2)).toEqual([0, 2])
  expect(left(1)).toEqual([1])
  take(0)
  take(2)
  expect(left(0, 1, 2)).toEqual([0, 1, 2])
})
