import { expect, it } from 'vitest'
import { observationOf } from './example-node.fixture.ts'
import { REGIMES, regimeOf } from './regimes.ts'

// The largest variant takes 4 ms: 250 a second are load 1 of one worker.
it.each([
  [249, 1, 1, 'steady, light'],
  [251, 1, 1.5, 'steady, heavy'],
  [251, 1, 1.51, 'bursty, heavy'],
  [100, 1, 0.7, 'bursty, light'],
  [499, 2, 1, 'steady, light'],
  [501, 2, 1, 'steady, heavy'],
] as const)(
  '%d a second on %d workers, %d expected at once: %s',
  (ratePerS, workers, expected, name) => {
    const seen = observationOf({
      slacksMs: [9],
      workers,
      arrivalRatesPerS: Float64Array.of(0, 0, ratePerS, 0),
      forecast: { chance: () => 1, expected: () => expected },
    })
    expect(REGIMES[regimeOf(seen)]).toBe(name)
  },
)
