import { expect, it } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { exampleLadder, observationOf } from '../example-node.fixture.ts'
import { createLadder } from '../ladder.ts'
import { createLearnedNetwork, networkShape } from '../learned/network/learned-network.ts'
import { parameterCount } from '../learned/network/shape.ts'
import { RATE_WINDOWS } from '../observation.ts'
import { ServiceTimes } from '../service-times.ts'
import { checkFit, misfitOf, parsePolicy } from './parse.ts'

const ladder = exampleLadder()
const node = { times: new ServiceTimes(ladder), workers: 1, deadlineMs: 20 }
const design = {
  node: { variants: 3, batches: 1, workers: 1, windows: RATE_WINDOWS.length },
  deadlineMs: 20,
  frames: 1,
  recurrent: 0,
  hidden: 4,
}
const network = createLearnedNetwork({
  ...design,
  ladder,
  trainedBy: 'hand',
  priorLogit: 3,
  parameters: new Array(parameterCount(networkShape(design))).fill(0),
})

it('takes a built-in policy by name', () => {
  const { policy, isLearned } = parsePolicy('{"policy": "slack-fit"}', node)
  expect([policy.name, isLearned]).toEqual(['slack-fit', false])
})

it('takes a network as it is written', () => {
  const { policy, isLearned } = parsePolicy(JSON.stringify(network), node)
  expect([policy.name, isLearned]).toEqual(['network', true])
  expect(policy.decide(observationOf({ slacksMs: [20] }))).toMatchObject({ variant: 2 })
})

it.each([
  ['nothing at all', '', 'this is not JSON'],
  ['a list', '[1]', 'is not a scheduling network'],
  ['null', 'null', 'is not a scheduling network'],
  ['an unknown name', '{"policy": "best"}', 'no scheduling policy is named "best"'],
  [
    'another number of workers',
    JSON.stringify({ ...network, node: { ...network.node, workers: 2 } }),
    'parameters',
  ],
  ['another deadline', JSON.stringify({ ...network, deadlineMs: 80 }), 'a deadline of 80 ms'],
  [
    'a ladder that is none',
    JSON.stringify({ ...network, ladder: { variants: 3 } }),
    'ladder.variants 3',
  ],
  [
    'a ladder without times',
    JSON.stringify({ ...network, ladder: { variants: [{}], batchSizes: [1] } }),
    'ladder.variants.0.name undefined',
  ],
])('refuses %s', (_name, text, message) => {
  const refused = () => parsePolicy(text, node)
  expect(refused).toThrow(ConfigError)
  expect(refused).toThrow(message)
})

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
  // Times are not to be judged by a first profile.
  [{ deadlineMs: 20, ladder: changed({ slower: 10 }) }],
  [{ deadlineMs: 20, ladder: changed({ slower: 0.7, better: 1 }) }],
])('a network for %j fits', (network) => {
  expect(() => checkFit(network, node)).not.toThrow()
})

it.each([
  [{ deadlineMs: 31, ladder }, 'a deadline of 31 ms, here it is 20.0 ms'],
  [{ deadlineMs: 13 }, 'a deadline of 13 ms'],
  [{ deadlineMs: 20, ladder: changed({ better: 2 }) }, 'small of 48 %'],
])('a network for %j does not, and it says why', (network, message) => {
  expect(() => checkFit(network, node)).toThrow(message)
})

it('takes its own deadline where none is stated', () => {
  const guessed = { ...node, isDeadlineStated: false }
  expect(() => checkFit({ deadlineMs: 31 }, guessed)).not.toThrow()
})

it.each([
  [1.4, undefined],
  [0.7, undefined],
  [1.6, 'variant small in 1.60 ms, here small takes 1.00 ms'],
  [0.6, 'variant small in 0.600 ms'],
])('times %d times as long as here: %s', (slower, wrong) => {
  const told = misfitOf({ ladder: changed({ slower }) }, node.times)
  if (wrong === undefined) expect(told).toBeUndefined()
  else expect(told).toContain(wrong)
})

it('compares with what services usually take, not with the profile', () => {
  const times = new ServiceTimes(ladder)
  const trained = { ladder: changed({ slower: 2 }) }
  expect(misfitOf(trained, times)).toContain('small in 2.00 ms')
  for (let service = 0; service < 300; service++) {
    for (const [variant, ms] of [1, 2, 4].entries()) times.observe(variant, 0, 2 * ms)
  }
  expect(misfitOf(trained, times)).toBeUndefined()
})
