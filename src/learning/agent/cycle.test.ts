import { describe, expect, test } from 'vitest'
import { ConfigError, InvalidInputError } from '../../errors.ts'
import type { Problem } from '../environment/environment.ts'
import { CycleAgent, parseDecisions } from './cycle.ts'

const problem: Problem = {
  devices: 2,
  stateSize: 0,
  choices: [
    { placement: { tier: 'end', variant: 'd0' }, accuracyPercent: 89.9 },
    { placement: { tier: 'end', variant: 'd7' }, accuracyPercent: 72.8 },
    { placement: { tier: 'edge', variant: 'd0' }, accuracyPercent: 89.9 },
  ],
}

describe('parseDecisions', () => {
  test('one placement stands for all devices', () => {
    expect(parseDecisions('end/d7', problem)).toEqual([[1, 1]])
  })

  test('several decisions, one placement for each device', () => {
    expect(parseDecisions('edge/d0, end/d0;end/d7', problem)).toEqual([
      [2, 0],
      [1, 1],
    ])
  })

  test('an unknown placement is named, with the ones there are', () => {
    expect(() => parseDecisions('end/d9', problem)).toThrow(ConfigError)
    expect(() => parseDecisions('end/d9', problem)).toThrow(
      '"end/d9" is not a placement of this fleet: choose from end/d0, end/d7, edge/d0',
    )
  })

  test('a wrong number of placements is named', () => {
    expect(() => parseDecisions('end/d0,end/d0,end/d7', problem)).toThrow(
      'places 3 devices, the fleet has 2',
    )
  })
})

describe('CycleAgent', () => {
  test('plays its decisions in turn, moving on when a step was observed', () => {
    const agent = new CycleAgent('end/d0;edge/d0', problem)
    expect(agent.decide()).toEqual([0, 0])
    expect(agent.decide()).toEqual([0, 0])
    agent.observe()
    expect(agent.decide()).toEqual([2, 2])
    agent.observe()
    expect(agent.decide()).toEqual([0, 0])
    expect(agent.progress.realSteps).toBe(2)
  })

  test('a restored agent continues where the saved one stood', () => {
    const agent = new CycleAgent('end/d0;edge/d0', problem)
    agent.observe()
    const copy = new CycleAgent('end/d0;edge/d0', problem)
    copy.restore(agent.save())
    expect(copy.decide()).toEqual(agent.decide())
    expect(() => copy.restore('x')).toThrow(InvalidInputError)
  })
})
