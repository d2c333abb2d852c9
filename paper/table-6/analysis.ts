/** Table VI: how many real steps does each learner need, and how many times as many as hybrid? */
import { isOwnAgent } from '../../src/learning/agents/names.ts'
import { compare, type Estimate, medianOf, ratioOf } from '../comparison.ts'
import { forestOf } from '../forest.ts'
import { goalName } from '../goals.ts'
import {
  type Learner,
  learnersOf,
  type Pair,
  ratioName,
  runsOf,
  VERSUS_HYBRID,
} from '../learners.ts'
import type { Report } from '../report.ts'
import { runsBy } from '../runs.ts'
import { interquartileMean, median } from '../statistics.ts'
import { gapPercent, meetsGoal, stepCounts, type Training } from '../trainings.ts'
import { claimsOf } from './claims.ts'
import { paperSteps } from './paper-steps.ts'

/** Of the report. */
export const title = 'Table VI: real steps to convergence, scenario A'

const STEPS = 'real steps to convergence'
const RATIO = 'times as many real steps as hybrid'

const METHOD = [
  'Simulated fleet, scenario A. In the exact regime accuracies are known, and decisions that break the goal are never taken: with few of them left, every agent is quick. In the penalty regime, the paper’s, the goal is learned from what breaking it costs. Counts of the exact regime answer an easier question than the paper’s.',
  'Convergence, one rule for all agents: after every real step the greedy decision in force is checked; it is good when it meets the goal and its noise-free average response time is within 1 % of the brute-force optimum. The count is the first good step t from which at least 95 % of the checks in [t, max(2t, t + 500)] are good. Suggestions that planning tries for real count as real steps.',
  'Median over the seeds with its 95 % bootstrap interval; IQM is the interquartile mean. A run that does not converge within its limit counts as infinitely many steps (∞). “Strict” counts the runs in which every check after the same step was good. Updates per step: all gradient updates, those of hybrid’s System Model included, for each real step until convergence (median).',
  'Verdicts on hybrid’s steps: reproduced, the interval contains the paper’s count; better, all of it is below; worse, above. For the baselines lower and higher: a baseline quicker than the paper’s is only harder to beat. On ratios of medians: reproduced, the interval contains the paper’s ratio; better, all of it is above; worse, below. Undecided: the interval contains it only because it has no bound, since too many runs do not converge.',
  'Baselines: dqn trains the same network as hybrid, and in the penalty regime the same violation head. At one update per real step, part of its distance to hybrid is hybrid’s more updates; at 20, about as many as hybrid makes, it is not. q-learning is a table that begins at zero, with ε = 0.1: the best start known. With uniform exploration (ε = 1) it reproduces the paper’s column. bandit (linear Thompson sampling) and supervised (fit, then take the best feasible decision) are baselines of our own. Every cell tells its number of seeds.',
  'Hybrid literal is the printed Algorithm 1: line 30 a step of the model, line 33 keeping the stored r. It is run with three users up to 1,500 steps, so that convergence could show up to step 1,000, half of the paper’s own count. It fails because D_plan fills with System’s first, far too low predictions, of just those decisions that are most underestimated; they are never corrected, and Q is pulled to them again and again.',
]

/** Where a number stands: one number of users at one goal. */
interface Place {
  readonly users: number
  readonly goal: number
}

/** Steps of every learner and their ratios to hybrid's, cell by cell of the table. */
export function analyse(runs: readonly Training[], uniform: () => number): Report {
  const cells = runsBy(runs, 'users', 'goal')
  const estimates = cells.flatMap(([place, own]) =>
    learnersOf(own).flatMap((learner) => stepsOf(learner, place, runsOf(own, learner))),
  )
  const steps = compare(estimates, uniform)
  const ratios = compare(
    cells.flatMap(([place, own]) => VERSUS_HYBRID.flatMap((pair) => ratioTo(pair, place, own))),
    uniform,
  )
  return {
    method: METHOD,
    summary: summaryOf(runs),
    claims: claimsOf(runs, steps, ratios),
    comparisons: [...steps, ...ratios],
    charts: [
      ...forestOf(steps, {
        name: 'steps',
        caption:
          'Real steps to convergence. Dots with bars: ours, median and 95 % interval; a bar that reaches the right end has no upper bound, and an arrow there means that half of the runs or more do not converge. Crosses: the paper, which has none for 89 %. An empty line: not run.',
        title,
        ...{ row: 'users', column: 'goal', line: 'learner', axisLabel: 'real steps' },
      }),
      ...forestOf(ratios, {
        name: 'ratios',
        caption:
          'How many times as many real steps as hybrid the baselines need: ratio of medians and 95 % interval; right of 1, hybrid is quicker. Crosses: the paper.',
        title: 'Table VI: real steps of the baselines over those of hybrid',
        ...{ row: 'users', column: 'goal', line: 'ratio', axisLabel: 'times as many' },
      }),
    ],
  }
}

/** @param own runs of the learner */
function stepsOf(
  { name, agent }: Learner,
  { users, goal }: Place,
  own: readonly Training[],
): Estimate[] {
  const counts = stepCounts(own)
  const converged = own.filter(({ result }) => result.converged)
  const strict = converged.filter(({ result }) => result.strictRealSteps === result.realSteps)
  const updatesPerStep = median(
    own.map(({ result }) => result.updates / Math.max(1, result.realSteps)),
  )
  const note = [
    `${converged.length} of ${own.length} converge, strict ${strict.length}`,
    `IQM ${formatCount(interquartileMean(counts))}, largest ${formatCount(Math.max(...counts))}`,
    ...(updatesPerStep > 0 ? [`${updatesPerStep.toFixed(1)} updates per step`] : []),
    ...endsOf(own.filter(({ result }) => !result.converged)),
  ].join('; ')
  const cell = { users: String(users), learner: name, goal: goalName(goal) }
  const paper = paperSteps(users, goal, agent)
  const better = agent === 'hybrid' ? 'low' : 'neither'
  return medianOf({ measure: STEPS, cell, paper, better, note }, counts)
}

/** Where runs that do not converge end. */
function endsOf(runs: readonly Training[]): string[] {
  const met = runs.filter(meetsGoal)
  const gap = median(met.map(gapPercent)).toFixed(1)
  return [
    ...(met.length > 0 ? [`${met.length} end ${gap} % above the optimum`] : []),
    ...(met.length < runs.length ? [`${runs.length - met.length} end below the goal`] : []),
  ]
}

/** None where the median of hybrid's runs does not converge. */
function ratioTo(pair: Pair, { users, goal }: Place, runs: readonly Training[]): Estimate[] {
  const [own, hybrids] = pair.map(({ agent }) => paperSteps(users, goal, agent))
  const paper = own && hybrids ? own / hybrids : undefined
  const cell = { users: String(users), ratio: ratioName(...pair), goal: goalName(goal) }
  const [above = [], below = []] = pair.map((each) => stepCounts(runsOf(runs, each)))
  return ratioOf({ measure: RATIO, cell, paper, better: 'high' }, above, below)
}

/** Hybrid, way by way, and own agents; the baselines are in the table. */
function summaryOf(runs: readonly Training[]): string {
  const parts = learnersOf(runs)
    .filter(({ agent }) => agent === 'hybrid' || isOwnAgent(agent))
    .map((learner) => {
      const counts = stepCounts(runsOf(runs, learner))
      const converged = counts.filter(Number.isFinite).length
      return `${learner.name} converges in ${converged} of ${counts.length} runs, after ${formatCount(median(counts))} real steps (median)`
    })
  return `Over all cells, ${parts.join('; ')}.`
}

function formatCount(count: number): string {
  return Number.isFinite(count) ? count.toLocaleString('en', { maximumFractionDigits: 0 }) : '∞'
}
