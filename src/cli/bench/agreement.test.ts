import { expect, it } from 'vitest'
import { agreement } from './agreement.ts'

const policy = (name: string, live: number, simulated: number) => ({
  live: { policy: name, effectiveAccuracyPercent: live },
  simulated: { effectiveAccuracyPercent: simulated },
})

it('tells how far each policy is from the simulator, and warns where that is far', () => {
  const text = agreement([policy('a', 80, 81), policy('b', 70, 73.1)])
  expect(text).toContain('a -1.0, b -3.1')
  expect(text).toContain('Warning: more than 3 points apart (b)')
  expect(agreement([policy('a', 80, 81), policy('b', 70, 72.9)])).not.toContain('Warning')
})

it('counts a pair that is too close to tell for nothing', () => {
  const text = agreement([policy('a', 80, 80), policy('b', 80.4, 70), policy('c', 60, 61)])
  expect(text).toContain('Order: 2 of 3 pairs as in the simulator, 0 the other way round, 1 too')
})

it('names the pairs that come the other way round', () => {
  const text = agreement([policy('a', 80, 70), policy('b', 78, 72)])
  expect(text).toContain('0 of 1 pairs as in the simulator, 1 the other way round')
  expect(text).toContain('a against b: +2.0 points live, -2.0 simulated')
})

it('says that one policy has no order', () => {
  expect(agreement([policy('a', 80, 80)])).toContain('tells nothing of an order')
})
