/** Fleets whose devices escalate a share of their requests, against every decision in turn: 500 of them. */
import { expect, test } from 'vitest'
import { mismatches } from './fractional.fixture.ts'
import { SAMPLE_SHAPES } from './sample-problems.fixture.ts'

test.each(SAMPLE_SHAPES)(
  '%s: no mismatch in 125 fleets',
  (shape) => {
    expect(mismatches(shape, 1000, 125, 4)).toEqual([])
  },
  600_000,
)
