import { expect, it } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { exampleLadder, observationOf } from '../example-node.fixture.ts'
import { createLearnedNetwork, networkShape } from '../learned/network/learned-network.ts'
import { parameterCount } from '../learned/network/shape.ts'
import { RATE_WINDOWS } from '../observation.ts'
import { ServiceTimes } from '../service-times.ts'
import { parsePolicy } from './parse.ts'

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
  ['a ladder that is none', JSON.stringify({ ...network, ladder: { variants: 3 } }), 'no variants'],
  [
    'a ladder without times',
    JSON.stringify({ ...network, ladder: { variants: [{}], batchSizes: [1] } }),
    'accuracy undefined',
  ],
])('refuses %s', (_name, text, message) => {
  const refused = () => parsePolicy(text, node)
  expect(refused).toThrow(ConfigError)
  expect(refused).toThrow(message)
})
