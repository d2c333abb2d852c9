import { expect, test } from 'vitest'
import { changed, exampleRuns } from './example-run.fixture.ts'
import {
  DQN,
  DQN_EQUAL_UPDATES,
  EQUAL_UPDATES,
  HYBRID,
  HYBRID_LITERAL,
  LEARNERS,
  learnersOf,
  runsOf,
  settingsOf,
  VERSUS_HYBRID,
} from './learners.ts'

test('every learner finds its own runs and no other’s', () => {
  const runs = LEARNERS.flatMap((learner) => exampleRuns(learner, [{}]))
  expect(learnersOf(runs)).toEqual(LEARNERS)
  for (const [index, learner] of LEARNERS.entries()) {
    expect(runsOf(runs, learner), learner.name).toEqual([runs[index]])
  }
})

test('names are unique, and begin with the agent, which gives their colour', () => {
  expect(new Set(LEARNERS.map(({ name }) => name)).size).toBe(LEARNERS.length)
  for (const { name, agent } of LEARNERS) expect(name.startsWith(agent)).toBe(true)
})

test('a run with the mode and feedback that are the default is the default learner’s', () => {
  const spelledOut = changed({ mode: 'verified', feedback: 'average' })
  expect(runsOf([spelledOut], HYBRID)).toHaveLength(1)
  expect(runsOf([spelledOut], HYBRID_LITERAL)).toHaveLength(0)
})

test('settings are those of a run, without the name', () => {
  expect(settingsOf(DQN_EQUAL_UPDATES)).toEqual({
    agent: 'dqn',
    regime: 'exact',
    overrides: { updatesPerStep: EQUAL_UPDATES },
  })
})

test('hybrid is compared with every baseline of the exact regime, and with dqn’s counterpart in the other', () => {
  const baselines = LEARNERS.filter(({ agent, regime }) => agent !== 'hybrid' && regime === 'exact')
  const compared = VERSUS_HYBRID.filter(([, hybrid]) => hybrid === HYBRID).map(([each]) => each)
  expect(compared).toEqual(expect.arrayContaining(baselines))
  for (const [baseline, hybrid] of VERSUS_HYBRID) {
    if (baseline.agent === 'dqn') expect(hybrid.regime).toBe(baseline.regime)
  }
  expect(DQN.maxSteps).toEqual(DQN_EQUAL_UPDATES.maxSteps)
})
