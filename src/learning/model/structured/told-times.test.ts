import { expect, it } from 'vitest'
import type { Choice } from '../../../fleet/choice.ts'
import type { Problem } from '../../environment/environment.ts'
import { toldOffsets } from './told-times.ts'

/** Two variants at the device, the second with e² times the work, and the edge between them. */
const CHOICES: Choice[] = [
  { placement: { tier: 'end', variant: 'a' }, accuracyPercent: 80, megaMacs: 100 },
  { placement: { tier: 'edge', variant: 'b' }, accuracyPercent: 90 },
  { placement: { tier: 'end', variant: 'b' }, accuracyPercent: 90, megaMacs: 100 * Math.exp(2) },
]
const LOCAL = [0, 2]

function problemOf(localTimesMs?: Problem['localTimesMs']): Problem {
  return {
    devices: 3,
    choices: CHOICES,
    stateSize: 15,
    ...(localTimesMs && { localTimesMs }),
  }
}

it('knows nothing of devices that told nothing', () => {
  for (const localTimesMs of [undefined, [], [undefined, [], [0, 0, 0]]]) {
    const { offsets, shape } = toldOffsets(problemOf(localTimesMs), LOCAL)
    expect(offsets).toEqual([undefined, undefined, undefined])
    expect(shape).toEqual([0, 0])
  }
})

it('takes the logarithms of what was told, by variant', () => {
  const { offsets } = toldOffsets(problemOf([[20, undefined, 80], undefined, [5, 7, 6]]), LOCAL)
  expect(offsets[0]).toEqual(Float64Array.of(Math.log(20), Math.log(80)))
  expect(offsets[1]).toBeUndefined()
  expect(offsets[2]).toEqual(Float64Array.of(Math.log(5), Math.log(6)))
})

it('completes what a device told by the sizes: twice the logarithm of work is once that of time', () => {
  const { offsets } = toldOffsets(
    problemOf([[20], [undefined, undefined, 80], [20, 0, Number.NaN]]),
    LOCAL,
  )
  expect(offsets[0]?.[1]).toBeCloseTo(Math.log(20) + 1, 12)
  expect(offsets[1]?.[0]).toBeCloseTo(Math.log(80) - 1, 12)
  expect(offsets[2]).toEqual(offsets[0])
})

it('says how times go with the variant, averaged over the devices that told', () => {
  const { shape } = toldOffsets(
    problemOf([
      [10, undefined, 10 * Math.exp(0.6)],
      [900, undefined, 900 * Math.exp(1.4)],
    ]),
    LOCAL,
  )
  // Differences 0.6 and 1.4: on average 1, half on either side of the mean.
  expect(shape[0]).toBeCloseTo(-0.5, 12)
  expect(shape[1]).toBeCloseTo(0.5, 12)
})
