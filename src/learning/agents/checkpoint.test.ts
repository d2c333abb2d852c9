import { expect, it } from 'vitest'
import { InvalidInputError } from '../../errors.ts'
import { Random } from '../../random.ts'
import type { Problem } from '../environment/environment.ts'
import { checkpoint, knowledgeOf, restoreParts, saveParts } from './checkpoint.ts'

const PROBLEM: Problem = {
  devices: 2,
  stateSize: 3,
  choices: [{ placement: { tier: 'edge', variant: 'd0' }, accuracyPercent: 89.9 }],
}

it('gives back copies', () => {
  const knowledge = { weights: Float64Array.of(1, 2) }
  const saved = checkpoint('dqn', PROBLEM, knowledge)
  knowledge.weights[0] = 9
  const first = knowledgeOf<typeof knowledge>(saved, 'dqn', PROBLEM)
  expect(first).toEqual({ weights: Float64Array.of(1, 2) })
  first.weights[1] = 9
  expect(knowledgeOf(saved, 'dqn', PROBLEM)).toEqual({ weights: Float64Array.of(1, 2) })
})

it('says whose knowledge it is instead', () => {
  const saved = checkpoint('dqn', PROBLEM, {})
  const restore = (agent: string, problem: Problem) => () => knowledgeOf(saved, agent, problem)
  expect(restore('bandit', PROBLEM)).toThrow(InvalidInputError)
  expect(restore('bandit', PROBLEM)).toThrow('agent "bandit" from what agent "dqn" saved')
  expect(restore('dqn', { ...PROBLEM, devices: 3 })).toThrow(
    'saved for 2 devices, 3 state features, choices edge/d0, but this fleet has 3 devices',
  )
  expect(restore('dqn', { ...PROBLEM, stateSize: 4 })).toThrow(InvalidInputError)
  expect(restore('dqn', { ...PROBLEM, choices: [] })).toThrow(InvalidInputError)
  expect(() => knowledgeOf(undefined, 'dqn', PROBLEM)).toThrow(InvalidInputError)
})

it('saves and restores parts by name, and skips those that are not there', () => {
  const parts = { first: new Random(1), second: new Random(2), absent: undefined }
  const saved = saveParts(parts)
  const draws = () => [parts.first.uniform(), parts.second.uniform()]
  const before = draws()
  expect(draws()).not.toEqual(before)
  restoreParts(parts, structuredClone(saved))
  expect(draws()).toEqual(before)
})
