import { expect, it } from 'vitest'
import { observationOf } from '../example-node.fixture.ts'
import { modelSwitching } from './model-switching.ts'

const policy = modelSwitching([800, 400, 100])
const seen = (ratePerS: number, slackMs = 20) =>
  observationOf({
    slacksMs: [slackMs],
    arrivalRatesPerS: Float64Array.of(9999, 9999, 9999, ratePerS),
  })

it.each([
  [0, 2],
  [100, 2],
  [101, 1],
  [400, 1],
  [401, 0],
  [5000, 0],
])('at %d requests a second over the last second it serves variant %d', (ratePerS, variant) => {
  expect(policy.decide(seen(ratePerS))).toMatchObject({ kind: 'serve', variant })
})

it('serves a late head with a smaller variant', () => {
  expect(policy.decide(seen(0, 2.5))).toMatchObject({ kind: 'serve', variant: 1 })
})
