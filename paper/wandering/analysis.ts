/** Wandering state: how much slower than the best of their states are the decisions, and what does System foresee? */
import { readFileSync } from 'node:fs'
import { compareMedian, compareRatio } from '../comparison.ts'
import { forestOf } from '../forest.ts'
import { goalName } from '../goals.ts'
import { DQN, HYBRID, HYBRID_PER_DEVICE, type Learner, ratioName, runsOf } from '../learners.ts'
import { type Cell, type Chart, type Comparison, inCell, type Report } from '../report.ts'
import { runsWith, valuesOf } from '../runs.ts'
import { claimsOf } from './claims.ts'
import { DQN_EQUAL, DQN_FALLING, LEARNERS, type WanderingRun } from './sweep.ts'

const expected: { readonly dqnRegretOverHybrid: number } = JSON.parse(
  readFileSync(new URL('./expected.json', import.meta.url), 'utf8'),
)

export const title = 'Wandering state: regret and prediction, three users, scenario A'

const REGRET = 'regret per real step (ms)'
const RATIO = 'times as much regret as hybrid'
const GOOD = 'real steps of the second half whose greedy decision is within 1 % of the optimum (%)'
const ERROR = 'error of the predicted response time (%)'
const ENTROPY = 'cross-entropy of the predicted next state (nats per component)'
const ACCURACY = 'components of the next state predicted exactly (%)'

const METHOD = [
  'Simulated fleet, scenario A, three users, 5,000 real steps. After every round each link flips with chance 0.02, and the background load of the edge and of the cloud moves one of nine levels with chance 0.2, whatever is decided. At 89 % and Max the best decision depends on that load. Exact regime: no decision breaks the goal.',
  'Regret: noise-free average response time of a decision less that of the best decision in the very state it is taken in, averaged over the steps. Of the decisions taken, exploration and hybrid’s verifications included; and of the greedy decisions in force, which is what has been learned. Second half: of the last 2,500 steps.',
  'dqn makes one update per real step; with a constant ε of 0.2, its default, and with hybrid’s falling ε. The second is the harder baseline: nearly all of the first one’s regret is its exploration. And with that ε and 20 updates per step, about as many as hybrid makes. That one, and hybrid with per-device feedback, have three seeds, the others all. q-learning has a table for every state, and begins anew in each.',
  'Predictions: 1,000 transitions of an environment of another seed under random feasible decisions, none of them ever trained on; most of their pairs of state and decision never occurred before. Response time: |predicted − noise-free| / noise-free; the same of one measured round in place of a prediction shows the noise that the model must average out. Next state: cross-entropy and exactly predicted components beside persistence, which predicts that every component stays, but for the share of changes that the training saw; links and loads change by chance alone, so hardly anything can be better.',
  'Median over the seeds with its 95 % bootstrap interval. No paper reports a moving state: nothing here is compared with a paper.',
]

type Of = (result: WanderingRun['result']) => number | undefined

/** Which steps, and their regret. */
const REGRETS: readonly (readonly [steps: string, of: Of])[] = [
  ['taken', ({ regret }) => regret.regretMs],
  ['greedy', ({ regret }) => regret.policyRegretMs],
  ['taken, second half', ({ regret }) => regret.lateRegretMs],
  ['greedy, second half', ({ regret }) => regret.latePolicyRegretMs],
]

const PREDICTIONS: readonly (readonly [measure: string, what: string, of: Of])[] = [
  [ERROR, 'all transitions', ({ prediction }) => prediction?.responseTimeErrorPercent],
  [ERROR, 'unseen pairs', ({ prediction }) => prediction?.unseenResponseTimeErrorPercent],
  [ERROR, 'one measured round', ({ prediction }) => prediction?.measuredResponseTimeErrorPercent],
  [ENTROPY, 'System', ({ prediction }) => prediction?.nextStateCrossEntropy],
  [ENTROPY, 'persistence', ({ prediction }) => prediction?.persistenceCrossEntropy],
  [ACCURACY, 'System', ({ prediction }) => prediction?.nextStateAccuracyPercent],
  [ACCURACY, 'persistence', ({ prediction }) => prediction?.persistenceAccuracyPercent],
]

export function analyse(runs: readonly WanderingRun[], uniform: () => number): Report {
  const goals = valuesOf(runs, 'goal')
  const medians = (measure: string, cell: Cell, of: Of) =>
    LEARNERS.flatMap((learner) =>
      goals.flatMap((goal) => {
        const own = runsWith(runsOf(runs, learner), { goal })
        const compared = { ...cell, learner: learner.name, goal: goalName(goal) }
        const values = own.flatMap(({ result }) => of(result) ?? [])
        return compareMedian({ measure, cell: compared }, values, uniform)
      }),
    )
  const regrets = REGRETS.flatMap(([decisions, of]) => medians(REGRET, { decisions }, of))
  const late = { decisions: 'greedy, second half' }
  const good = medians(GOOD, late, ({ regret }) => regret.lateGoodPercent)
  const ratios = ratiosOf(runs, uniform)
  const predictions = PREDICTIONS.flatMap(([measure, what, of]) =>
    medians(measure, { of: what }, of),
  )
  return {
    method: METHOD,
    summary: summaryOf(regrets),
    claims: claimsOf(runs, ratios, predictions, expected.dqnRegretOverHybrid),
    comparisons: [...regrets, ...ratios, ...good, ...predictions],
    charts: [chartOf(regrets)],
  }
}

function ratiosOf(runs: readonly WanderingRun[], uniform: () => number): Comparison[] {
  const regretsOf = (learner: Learner, goal: number) =>
    runsWith(runsOf(runs, learner), { goal }).map(({ result }) => result.regret.regretMs)
  return [DQN, DQN_FALLING, DQN_EQUAL].flatMap((baseline) =>
    [HYBRID, HYBRID_PER_DEVICE].flatMap((hybrid) =>
      valuesOf(runs, 'goal').flatMap((goal) => {
        const cell = { ratio: ratioName(baseline, hybrid), goal: goalName(goal) }
        const [own, hybrids] = [regretsOf(baseline, goal), regretsOf(hybrid, goal)]
        return compareRatio({ measure: RATIO, cell }, own, hybrids, uniform)
      }),
    ),
  )
}

function summaryOf(regrets: readonly Comparison[]): string {
  const parts = LEARNERS.flatMap(({ name }) => {
    const own = inCell(regrets, { learner: name })
    const rangeOf = (decisions: string) => {
      const values = inCell(own, { decisions })
        .flatMap(({ ours }) => ours ?? [])
        .map((ours) => Number(ours.toFixed(1)))
      const [low, high] = [Math.min(...values), Math.max(...values)]
      return low === high ? `${low}` : `${low} to ${high}`
    }
    return own.length > 0
      ? [
          `${name} ${rangeOf('taken')} (greedy decisions of the second half ${rangeOf('greedy, second half')})`,
        ]
      : []
  })
  return `Regret in ms per real step, by goal: ${parts.join('; ')}.`
}

function chartOf(regrets: readonly Comparison[]): Chart {
  return {
    name: 'regret',
    caption:
      'Regret per real step in ms, on a logarithmic axis: median over the seeds and 95 % interval. Of the decisions taken, exploration included, and of the greedy decisions; late: of the second half of the steps.',
    svg: forestOf(regrets, {
      title,
      row: 'decisions',
      column: 'goal',
      line: 'learner',
      rowLabel: (decisions) => decisions.replace('second half', 'late'),
      columnLabel: (goal) => `goal ${goal}`,
      axisLabel: 'regret per real step (ms)',
    }),
  }
}
