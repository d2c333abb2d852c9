import { describe, expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { WANDER } from '../../src/trial/wandering.ts'
import { exampleRuns } from '../example-run.fixture.ts'
import { DQN, HYBRID, HYBRID_PER_DEVICE, type Learner } from '../learners.ts'
import { analyse } from './analysis.ts'
import { DQN_FALLING, STEPS, sweep, type WanderingRun } from './sweep.ts'

const PREDICTION = {
  transitions: 1000,
  unseenPairs: 990,
  responseTimeErrorPercent: 4,
  unseenResponseTimeErrorPercent: 5,
  measuredResponseTimeErrorPercent: 2,
  nextStateCrossEntropy: 0.1,
  persistenceCrossEntropy: 0.09,
  nextStateAccuracyPercent: 94,
  persistenceAccuracyPercent: 97,
}

/** One run for each regret of the decisions taken; those of the greedy ones are half of it. */
function cellOf(learner: Learner, regretsMs: readonly number[], goal = 89): WanderingRun[] {
  const runs = exampleRuns(
    learner,
    regretsMs.map(() => ({ users: 3, goal, steps: STEPS })),
  )
  return runs.map(({ settings, result, provenance }, index) => {
    const regretMs = regretsMs[index]
    const regret = {
      regretMs,
      policyRegretMs: regretMs / 2,
      lateRegretMs: regretMs,
      latePolicyRegretMs: regretMs / 2,
      lateGoodPercent: 90,
      optimumMs: 400,
      statesMet: 1000,
    }
    const prediction = learner.agent === 'hybrid' && { prediction: PREDICTION }
    return {
      settings: { ...settings, wander: WANDER },
      result: { ...result, regret, ...prediction },
      provenance,
    }
  })
}

function analysed(runs: readonly WanderingRun[]) {
  const random = new Random(5)
  return analyse(runs, () => random.uniform())
}

const RUNS = [
  ...cellOf(HYBRID, [5, 6, 7]),
  ...cellOf(DQN, [38, 36, 40]),
  ...cellOf(DQN_FALLING, [9, 9, 9]),
]

describe('regret', () => {
  const { comparisons, summary } = analysed(RUNS)

  test('medians of decisions taken and greedy, by hand', () => {
    const regrets = comparisons.filter(({ measure }) => measure.startsWith('regret'))
    const of = (decisions: string, learner: Learner) =>
      regrets.find(
        ({ cell }) => cell['decisions'] === decisions && cell['learner'] === learner.name,
      )
    expect(of('taken', HYBRID)).toMatchObject({ ours: 6, low: 5, high: 7, paper: null })
    expect(of('greedy', HYBRID)?.ours).toBe(3)
    expect(of('taken', DQN)?.ours).toBe(38)
    // A learner of another configuration of the same agent is another learner.
    expect(of('greedy, second half', DQN_FALLING)?.ours).toBe(4.5)
    expect(regrets).toHaveLength(12)
  })

  test('ratios of medians', () => {
    const ratios = comparisons.filter(({ measure }) => measure.startsWith('times'))
    expect(ratios.map(({ cell, ours }) => [cell['ratio'], cell['goal'], ours])).toEqual([
      ['dqn (exact) ÷ hybrid (exact)', '89 %', 38 / 6],
      ['dqn (exact, ε as hybrid’s) ÷ hybrid (exact)', '89 %', 1.5],
    ])
  })

  test('the summary has every learner', () => {
    expect(summary).toBe(
      'Regret in ms per real step, by goal: hybrid (exact) 6 (greedy decisions of the second half 3); dqn (exact) 38 (greedy decisions of the second half 19); dqn (exact, ε as hybrid’s) 9 (greedy decisions of the second half 4.5).',
    )
  })
})

test('predictions are those of hybrid, beside what they are to beat', () => {
  const { comparisons } = analysed(RUNS)
  const predicted = comparisons.filter(({ cell }) => cell['of'])
  expect(predicted.map(({ cell, ours }) => [cell['of'], ours])).toEqual([
    ['all transitions', 4],
    ['unseen pairs', 5],
    ['one measured round', 2],
    ['System', 0.1],
    ['persistence', 0.09],
    ['System', 94],
    ['persistence', 97],
  ])
})

describe('claims', () => {
  const verdicts = (runs: readonly WanderingRun[]) =>
    analysed(runs).claims.map(({ claim, holds }) => [claim.slice(0, 40), holds])

  test('hold or fail by the numbers', () => {
    expect(verdicts(RUNS)).toEqual([
      ['The regret of dqn (exact), at one update', true],
      ['The regret of dqn (exact, ε as hybrid’s)', true],
      ['In the second half of its steps, hybrid’', true],
      ['System predicts the response time of pai', true],
      ['System predicts the next state no worse ', false],
    ])
  })

  test('one goal that falls short is enough to fail', () => {
    const runs = [...RUNS, ...cellOf(HYBRID, [9, 9], 89.9), ...cellOf(DQN, [40, 40], 89.9)]
    const [first, , right] = analysed(runs).claims
    expect(first).toMatchObject({
      holds: false,
      measured: '89 % 6.3 [5.1, 8], Max 4.4 [4.4, 4.4] times',
    })
    // Greedy regret of 4.5 ms is more than 1 % of 400 ms.
    expect(right).toMatchObject({ holds: false, measured: 'median 0.88 %, largest 1.13 %' })
  })

  test('hybrid that sees every device has claims of its own', () => {
    const runs = [...RUNS, ...cellOf(HYBRID_PER_DEVICE, [8, 8])]
    const own = analysed(runs).claims.filter(({ claim }) => claim.includes('per device'))
    expect(own.map(({ holds }) => holds)).toEqual([false, true])
  })

  test('a run that ended early judges nothing', () => {
    expect(
      analysed(RUNS.map((run) => ({ ...run, result: { ...run.result, steps: 300 } }))).claims,
    ).toEqual([])
  })
})

test('the picture has a panel for every goal and a line for every learner', () => {
  const [chart] = analysed([...RUNS, ...cellOf(HYBRID, [9], 89.9)]).charts
  for (const text of ['goal 89 %', 'goal Max', 'taken, late', 'dqn (exact, ε as hybrid’s)']) {
    expect(chart?.svg).toContain(text)
  }
})

describe('the sweep', () => {
  test('has six learners at two goals, two of them with three seeds, the others with all', () => {
    const runs = sweep({ quick: false, seeds: 10 })
    expect(runs).toHaveLength(4 * 2 * 10 + 2 * 2 * 3)
    expect(new Set(runs.map(({ seed }) => seed)).size).toBe(10)
    expect(runs.every(({ wander, maxSteps }) => wander && maxSteps === STEPS)).toBe(true)
  })

  test('quickly has one goal and few steps', () => {
    const runs = sweep({ quick: true, seeds: 1 })
    expect(runs.map(({ goal, maxSteps }) => [goal, maxSteps])).toEqual(Array(6).fill([89, 300]))
  })
})
