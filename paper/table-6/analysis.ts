/** Table VI: real steps to convergence, beside the paper's, and the ratios that the paper claims. */
import { readFileSync } from 'node:fs'
import * as Plot from '@observablehq/plot'
import { COLOURS, svgOf } from '../chart.ts'
import {
  type Chart,
  type Comparison,
  type FinishedRun,
  GOALS,
  goalName,
  type Report,
} from '../experiment.ts'
import { bootstrap, interquartileMean, median } from '../statistics.ts'

type Row = { readonly users: number; readonly goal: number } & Readonly<Record<string, number>>

const expected: { readonly rows: readonly Row[] } = JSON.parse(
  readFileSync(new URL('./expected.json', import.meta.url), 'utf8'),
)

export const title = 'Table VI: real steps to convergence, scenario A'

const STEPS = 'real steps to convergence'
const RATIO = 'times as many real steps as hybrid'
const HYBRID = 'hybrid, exact'

const METHOD = [
  'Simulated fleet, scenario A. In the exact regime accuracies are known, and decisions that break the goal are never taken: with few of them left, every agent is quick. In the penalty regime, the paper’s, the goal is learned from what breaking it costs. Counts of the exact regime answer an easier question than the paper’s.',
  'Convergence, one rule for all agents: after every real step the greedy decision in force is checked; it is good when it meets the goal and its noise-free average response time is within 1 % of the brute-force optimum. The count is the first good step t from which at least 95 % of the checks in [t, max(2t, t + 500)] are good. Suggestions that planning tries for real count as real steps.',
  'Median over the seeds with its 95 % bootstrap interval. A run that does not converge within its limit counts as infinitely many steps; “strict” counts the runs in which every check after the same step was good.',
  'Steps: reproduced, the interval contains the paper’s count; better, all of it is below; worse, above. For the baselines lower and higher: a baseline quicker than the paper’s is only harder to beat. Ratios of medians: reproduced, the interval contains the paper’s ratio; better, all of it is above; worse, below. Undecided: the interval contains it only because it has no bound, since too many runs do not converge.',
  'The baselines: dqn trains the same network as hybrid, one update per real step; much of its distance to hybrid is hybrid’s more updates per step, which the notes give. q-learning is a table that begins at zero, with ε = 0.1: far quicker than the uniform exploration whose counts the paper’s column matches.',
]

export function analyse(runs: readonly FinishedRun[], uniform: () => number): Report {
  const users = distinct(runs.map((run) => run.users))
  const goals = Object.values(GOALS).filter((goal) => runs.some((run) => run.goal === goal))
  const learners = distinct(runs.map(learnerOf))
  const cells = users.flatMap((count) =>
    goals.map((goal) => runs.filter((run) => run.users === count && run.goal === goal)),
  )
  const comparisons = cells.flatMap((cell) =>
    learners.flatMap((learner) => stepsOf(runsOf(cell, learner), uniform)),
  )
  const ratios = cells.flatMap((cell) =>
    learners
      .filter((learner) => learner !== HYBRID)
      .flatMap((learner) => ratioOf(runsOf(cell, learner), runsOf(cell, HYBRID), uniform)),
  )
  return {
    title,
    method: METHOD,
    summary: summaryOf(comparisons, runsOf(runs, HYBRID)),
    claims: [],
    comparisons: [...comparisons, ...ratios],
    charts: [chartOf(comparisons)],
  }
}

/** Agent and regime: a row of ours. */
function learnerOf({ agent, regime }: FinishedRun): string {
  return `${agent}, ${regime}`
}

function runsOf(runs: readonly FinishedRun[], learner: string): FinishedRun[] {
  return runs.filter((run) => learnerOf(run) === learner)
}

/** Real steps to convergence; infinitely many where the run does not show any. */
function countsOf(runs: readonly FinishedRun[]): number[] {
  return runs.map((run) => (run.converged ? run.realSteps : Number.POSITIVE_INFINITY))
}

function paperCount(users: number, goal: number, agent: string): number | undefined {
  return expected.rows.find((row) => row.users === users && row.goal === goal)?.[agent]
}

/** @param runs all of one cell and learner */
function stepsOf(runs: readonly FinishedRun[], uniform: () => number): Comparison[] {
  const [first] = runs
  if (first === undefined) return []
  const { agent, regime, users, goal } = first
  const counts = countsOf(runs)
  const { low, high } = bootstrap([counts], ([group = []]) => median(group), uniform)
  const paper = paperCount(users, goal, agent)
  const strict = runs.filter((run) => run.converged && run.strictRealSteps === run.realSteps).length
  const updatesPerStep = median(runs.map((run) => run.updates / Math.max(1, run.realSteps)))
  const verdict = verdictOf(paper, low, high)
  const note = [
    `converged ${runs.filter((run) => run.converged).length} of ${runs.length}`,
    `strict ${strict}`,
    `interquartile mean ${formatCount(interquartileMean(counts))}`,
    `largest ${formatCount(Math.max(...counts))}`,
    `${updatesPerStep.toFixed(1)} updates per step`,
  ].join(', ')
  return [
    {
      measure: STEPS,
      cell: { users: String(users), goal: goalName(goal), agent, regime },
      paper: paper ?? null,
      ours: finite(median(counts)),
      low: finite(low),
      high: finite(high),
      verdict: agent === 'hybrid' ? verdict : (NEUTRAL[verdict] ?? verdict),
      note,
    },
  ]
}

/** What the paper claims is that hybrid needs few steps; a baseline that needs fewer than in the paper is only harder to beat. */
const NEUTRAL: Readonly<Record<string, Comparison['verdict']>> = {
  better: 'lower',
  worse: 'higher',
}

function verdictOf(paper: number | undefined, low: number, high: number): Comparison['verdict'] {
  if (paper === undefined) return 'not in the paper'
  if (high < paper) return 'better'
  if (low > paper) return 'worse'
  // Ratios fall to 0 where hybrid's median is infinite.
  return low === 0 || high === Number.POSITIVE_INFINITY ? 'undecided' : 'reproduced'
}

/** No comparison where the median of hybrid's runs does not converge. */
function ratioOf(
  runs: readonly FinishedRun[],
  hybridRuns: readonly FinishedRun[],
  uniform: () => number,
): Comparison[] {
  const [first] = runs
  if (first === undefined) return []
  const { agent, regime, users, goal } = first
  const groups = [countsOf(runs), countsOf(hybridRuns)]
  const ratio = ([own = [], hybrid = []]: readonly (readonly number[])[]) =>
    median(hybrid) === Number.POSITIVE_INFINITY ? 0 : median(own) / median(hybrid)
  const ours = ratio(groups)
  if (ours === 0) return []
  const { low, high } = bootstrap(groups, ratio, uniform)
  const [count, hybridCount] = [paperCount(users, goal, agent), paperCount(users, goal, 'hybrid')]
  const paper = count && hybridCount ? count / hybridCount : undefined
  const verdict = verdictOf(paper, low, high)
  return [
    {
      measure: RATIO,
      cell: { users: String(users), goal: goalName(goal), agent, regime },
      paper: paper ?? null,
      ours: finite(ours),
      low: finite(low),
      high: finite(high),
      verdict: OPPOSITE[verdict] ?? verdict,
      note: '',
    },
  ]
}

/** A high ratio is good for hybrid, where a high count is bad for the agent. */
const OPPOSITE: Readonly<Record<string, Comparison['verdict']>> = {
  better: 'worse',
  worse: 'better',
}

function summaryOf(comparisons: readonly Comparison[], hybridRuns: readonly FinishedRun[]): string {
  const inPaper = comparisons.filter(({ cell, paper }) => cell['agent'] === 'hybrid' && paper)
  const better = inPaper.filter(({ verdict }) => verdict === 'better')
  const factors = better.map(({ paper, ours }) => (paper ?? 0) / (ours ?? 1))
  const converged = hybridRuns.filter((run) => run.converged).length
  const first = `${converged} of ${hybridRuns.length} runs of hybrid converge.`
  if (better.length === 0) return `${first} No cell needs fewer steps than the paper.`
  return `${first} In ${better.length} of ${inPaper.length} cells hybrid needs fewer steps than in the paper, by a factor of ${Math.min(...factors).toFixed(0)} to ${Math.max(...factors).toFixed(0)}; but it knows the accuracies, which the paper’s must learn.`
}

function chartOf(comparisons: readonly Comparison[]): Chart {
  // One colour for q-learning: its exact counts are in the table.
  const shown = comparisons.filter(
    ({ cell }) => cell['agent'] !== 'q-learning' || cell['regime'] === 'penalty',
  )
  const points = shown.map(({ cell, paper, ours, low, high }) => ({
    users: `${cell['users']} users`,
    goal: cell['goal'],
    colour: COLOURS[cell['agent'] as keyof typeof COLOURS] ?? 'black',
    paper,
    ours,
    low,
    high,
  }))
  const place = { fx: 'users', x: 'goal' }
  const svg = svgOf(title, {
    width: 960,
    height: 380,
    marginLeft: 76,
    marginBottom: 44,
    insetTop: 16,
    fx: { label: null, domain: distinct(points.map(({ users }) => users)) },
    x: { label: 'goal', type: 'point', padding: 0.6, domain: distinct(points.map((p) => p.goal)) },
    y: { label: null, type: 'log', grid: true, tickFormat: ',' },
    marks: [
      Plot.ruleX(
        points.filter(({ high }) => high !== null),
        { ...place, y1: 'low', y2: 'high', stroke: 'colour', strokeWidth: 2 },
      ),
      Plot.dot(points, { ...place, y: 'ours', fill: 'colour', r: 4 }),
      Plot.dot(points, { ...place, y: 'paper', stroke: 'colour', symbol: 'times', r: 5 }),
    ],
    color: { type: 'identity' },
  })
  return {
    name: 'steps',
    caption:
      'Real steps to convergence by number of users and goal, on a logarithmic scale. Dots with bars: ours, median and 95 % interval. A dot without a bar: an interval without upper bound. Crosses: the paper, which has none for 89 %. Green: hybrid and orange: dqn, both exact; violet: q-learning, penalty.',
    svg,
  }
}

function formatCount(count: number): string {
  return Number.isFinite(count) ? count.toFixed(0) : 'beyond the limit'
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}
