import { expect, it } from 'vitest'
import { exampleLadder } from '../../example-node.fixture.ts'
import { createLadder } from '../../ladder.ts'
import { ServiceTimes } from '../../service-times.ts'
import { checkFit } from './fit.ts'

const ladder = exampleLadder()
const here = { times: new ServiceTimes(ladder), deadlineMs: 20 }

function changed(change: { slower?: number; better?: number }) {
  const { slower = 1, better = 0 } = change
  return createLadder(
    ladder.variants.map(({ name, accuracyPercent, serviceTimesMs: [ms = 0] }) => {
      return { name, accuracyPercent: accuracyPercent - better, serviceTimesMs: [ms * slower] }
    }),
  )
}

it.each([
  [{ deadlineMs: 20, ladder }],
  [{ deadlineMs: 29, ladder }],
  [{ deadlineMs: 14 }],
  [{ deadlineMs: 20, ladder: changed({ slower: 1.4 }) }],
  [{ deadlineMs: 20, ladder: changed({ slower: 0.7, better: 1 }) }],
])('a network for %j fits', (network) => {
  expect(() => checkFit(network, here)).not.toThrow()
})

it.each([
  [{ deadlineMs: 31, ladder }, 'a deadline of 31 ms, here it is 20.0 ms'],
  [{ deadlineMs: 13 }, 'a deadline of 13 ms'],
  [
    { deadlineMs: 20, ladder: changed({ slower: 1.6 }) },
    'small of 50 % in 1.60 ms, here small has 50 % in 1.00 ms',
  ],
  [{ deadlineMs: 20, ladder: changed({ slower: 0.6 }) }, 'in 0.600 ms'],
  [{ deadlineMs: 20, ladder: changed({ better: 2 }) }, 'small of 48 %'],
])('a network for %j does not, and it says why', (network, message) => {
  expect(() => checkFit(network, here)).toThrow(message)
})
