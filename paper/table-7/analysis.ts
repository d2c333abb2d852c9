/** Table VII: what does it cost in time to learn, in experience and in computation? Of the runs of Table VI. */
import { readFileSync } from 'node:fs'
import { compareMedian, compareRatio } from '../comparison.ts'
import {
  type Chart,
  type Comparison,
  type FinishedRun,
  GOALS,
  goalName,
  type Report,
} from '../experiment.ts'
import { forestOf } from '../forest.ts'
import {
  DQN,
  HYBRID,
  type Learner,
  learnersOf,
  Q_LEARNING_PENALTY,
  ratioName,
  runsOf,
  VERSUS_HYBRID,
} from '../learners.ts'

import { median } from '../statistics.ts'
import { claimsOf } from './claims.ts'

const TIMES = ['computation', 'experience', 'total'] as const
type Time = (typeof TIMES)[number]

interface Row {
  readonly users: number
  readonly time: Time
  readonly hybrid: number
  readonly dqn: number
  readonly 'q-learning'?: number
}

const expected: { readonly rows: readonly Row[] } = JSON.parse(
  readFileSync(new URL('./expected.json', import.meta.url), 'utf8'),
)

export const title = 'Table VII: the time that learning takes, scenario A'

const MINUTES = 'training time (minutes)'
const TIME_RATIO = 'times as much time as hybrid, over all goals'
const GOAL_RATIO = 'times as much total time as hybrid, goal by goal'
const STEP = 'computation for one real step (ms)'

const METHOD = [
  'The runs of Table VI, up to the step of convergence; a run that does not converge counts as infinitely long (∞).',
  'Experience: the sum of the average response times of the real steps, in the simulator. Computation: the wall clock of deciding and learning on one core of the machine named below; the paper’s is of an NVIDIA RTX 5000. Total: their sum.',
  'Median over seeds and goals with its 95 % bootstrap interval, since the paper gives one number for all goals; goal by goal below. For minutes, reproduced: the interval contains the paper’s number; better or lower, all of it is below. For ratios, better: all of it is above the paper’s. Undecided: it contains it only because it has no bound.',
  'What the regimes and the baselines are, the report of Table VI says.',
]

export function analyse(runs: readonly FinishedRun[], uniform: () => number): Report {
  const users = [...new Set(runs.map((run) => run.users))]
  const learners = learnersOf(runs)
  const groups = users.map((count) => runs.filter((run) => run.users === count))
  const minutes = groups.flatMap((group) =>
    learners.flatMap((learner) => minutesOf(learner, runsOf(group, learner), uniform)),
  )
  const ratios = groups.flatMap((group) =>
    VERSUS_HYBRID.flatMap((pair) => ratiosOf(pair, group, uniform)),
  )
  const steps = learners.flatMap((learner) =>
    groups.flatMap((group) => stepOf(learner, runsOf(group, learner), uniform)),
  )
  return {
    title,
    method: METHOD,
    summary: summaryOf(minutes),
    claims: claimsOf(
      runs,
      ratios.filter(({ measure }) => measure === GOAL_RATIO),
    ),
    comparisons: [...minutes, ...ratios, ...steps],
    charts: [chartOf(minutes)],
  }
}

/** Minutes until convergence; infinitely many where the run does not show any. */
function timesOf(runs: readonly FinishedRun[], time: Time): number[] {
  return runs.map(({ converged, computationSeconds, experienceSeconds }) => {
    if (!converged) return Number.POSITIVE_INFINITY
    const seconds = {
      computation: computationSeconds,
      experience: experienceSeconds,
      total: computationSeconds + experienceSeconds,
    }
    return seconds[time] / 60
  })
}

function paperMinutes(users: number, time: Time, agent: string): number | undefined {
  const row = expected.rows.find((each) => each.users === users && each.time === time)
  return row?.[agent as 'hybrid']
}

/** @param runs all of one learner and number of users */
function minutesOf(
  { name, agent }: Learner,
  runs: readonly FinishedRun[],
  uniform: () => number,
): Comparison[] {
  const [first] = runs
  if (first === undefined) return []
  return TIMES.map((time) => {
    const minutes = timesOf(runs, time)
    const ours = median(minutes)
    const compared = {
      measure: MINUTES,
      cell: { users: String(first.users), learner: name, time },
      paper: paperMinutes(first.users, time, agent),
      better: agent === 'hybrid' ? 'low' : 'neither',
      note: ours < 1 ? formatMinutes(ours) : '',
    } as const
    return compareMedian(compared, minutes, uniform)
  })
}

/** @param group all runs of one number of users */
function ratiosOf(
  pair: readonly [baseline: Learner, hybrid: Learner],
  group: readonly FinishedRun[],
  uniform: () => number,
): Comparison[] {
  const goals = Object.values(GOALS).filter((goal) => group.some((run) => run.goal === goal))
  return [
    ...TIMES.flatMap((time) => ratioOf(TIME_RATIO, { time }, pair, group, time, uniform)),
    ...goals.flatMap((goal) => {
      const own = group.filter((run) => run.goal === goal)
      return ratioOf(GOAL_RATIO, { goal: goalName(goal) }, pair, own, 'total', uniform)
    }),
  ]
}

/** None where the median of hybrid's runs does not converge. */
function ratioOf(
  measure: string,
  column: Readonly<Record<string, string>>,
  [baseline, hybrid]: readonly [baseline: Learner, hybrid: Learner],
  runs: readonly FinishedRun[],
  time: Time,
  uniform: () => number,
): Comparison[] {
  const [above, below] = [runsOf(runs, baseline), runsOf(runs, hybrid)]
  const users = runs[0]?.users ?? 0
  if (above.length === 0 || below.length === 0) return []
  const papers = [baseline, hybrid].map(({ agent }) => paperMinutes(users, time, agent))
  const paper = papers[0] && papers[1] ? papers[0] / papers[1] : undefined
  const cell = { users: String(users), ratio: ratioName(baseline, hybrid), ...column }
  const compared = { measure, cell, paper, better: 'high', note: '' } as const
  return [compareRatio(compared, timesOf(above, time), timesOf(below, time), uniform) ?? []].flat()
}

function stepOf(
  { name }: Learner,
  runs: readonly FinishedRun[],
  uniform: () => number,
): Comparison[] {
  const [first] = runs
  if (first === undefined) return []
  const values = runs.map((run) => (1000 * run.computationSeconds) / run.realSteps)
  const cell = { learner: name, users: String(first.users) }
  const compared = { measure: STEP, cell, paper: undefined, better: 'neither', note: '' } as const
  return [compareMedian(compared, values, uniform)]
}

/** The three agents that the paper has. */
function summaryOf(minutes: readonly Comparison[]): string {
  const totals = minutes.filter(({ cell }) => cell['time'] === 'total')
  const most = totals.at(-1)?.cell['users']
  const named = [HYBRID, DQN, Q_LEARNING_PENALTY].map(({ name }) => name) as readonly string[]
  const parts = totals
    .filter(({ cell }) => cell['users'] === most && named.includes(cell['learner'] ?? ''))
    .map(({ cell, ours }) => `${cell['learner']} ${ours === null ? '∞' : formatMinutes(ours)}`)
  return `Total time to learn with ${most} users, median over the goals: ${parts.join(', ')}.`
}

function formatMinutes(minutes: number): string {
  if (minutes >= 1) return `${minutes.toFixed(1)} min`
  return `${(60 * minutes).toLocaleString('en', { maximumSignificantDigits: 2 })} s`
}

function chartOf(minutes: readonly Comparison[]): Chart {
  return {
    name: 'minutes',
    caption:
      'Minutes of computation, of experience and in total until convergence, median over seeds and goals with its 95 % interval. Crosses: the paper. An arrow at the right end: half of the runs or more do not converge.',
    svg: forestOf(minutes, {
      title,
      row: 'users',
      column: 'time',
      line: 'learner',
      rowLabel: (users) => `${users} users`,
      columnLabel: (time) => time,
      axisLabel: 'minutes',
    }),
  }
}
