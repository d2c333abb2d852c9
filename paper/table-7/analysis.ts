/** Table VII: what does it cost in time to learn, in experience and in computation? Of the runs of Table VI. */
import { readFileSync } from 'node:fs'
import { compareMedian, compareRatio } from '../comparison.ts'
import { forestOf } from '../forest.ts'
import { goalName, goalsIn } from '../goals.ts'
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
import { type Cell, type Chart, type Comparison, inCell, type Report } from '../report.ts'
import { runsWith, valuesOf } from '../runs.ts'
import { median } from '../statistics.ts'
import type { Training } from '../trainings.ts'
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

/** All runs with one number of users. */
interface Fleet {
  readonly users: number
  readonly runs: readonly Training[]
}

export function analyse(runs: readonly Training[], uniform: () => number): Report {
  const learners = learnersOf(runs)
  const fleets = valuesOf(runs, 'users').map((users) => ({
    users,
    runs: runsWith(runs, { users }),
  }))
  const minutes = fleets.flatMap((fleet) =>
    learners.flatMap((learner) => minutesOf(learner, fleet, uniform)),
  )
  const ratios = fleets.flatMap((fleet) =>
    VERSUS_HYBRID.flatMap((pair) => ratiosOf(pair, fleet, uniform)),
  )
  const steps = learners.flatMap((learner) =>
    fleets.flatMap((fleet) => stepOf(learner, fleet, uniform)),
  )
  return {
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
function timesOf(runs: readonly Training[], time: Time): number[] {
  return runs.map(({ result: { converged, computationSeconds, experienceSeconds } }) => {
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

function minutesOf(learner: Learner, { users, runs }: Fleet, uniform: () => number): Comparison[] {
  const { name, agent } = learner
  return TIMES.flatMap((time) => {
    const minutes = timesOf(runsOf(runs, learner), time)
    const ours = median(minutes)
    const compared = {
      measure: MINUTES,
      cell: { users: String(users), learner: name, time },
      paper: paperMinutes(users, time, agent),
      better: agent === 'hybrid' ? 'low' : 'neither',
      note: ours < 1 ? formatMinutes(ours) : '',
    } as const
    return compareMedian(compared, minutes, uniform)
  })
}

type Pair = readonly [baseline: Learner, hybrid: Learner]

function ratiosOf(pair: Pair, fleet: Fleet, uniform: () => number): Comparison[] {
  return [
    ...TIMES.flatMap((time) => ratioOf(TIME_RATIO, { time }, pair, fleet, time, uniform)),
    ...goalsIn(fleet.runs).flatMap((goal) => {
      const own = { ...fleet, runs: runsWith(fleet.runs, { goal }) }
      return ratioOf(GOAL_RATIO, { goal: goalName(goal) }, pair, own, 'total', uniform)
    }),
  ]
}

/** None where the median of hybrid's runs does not converge. */
function ratioOf(
  measure: string,
  column: Cell,
  pair: Pair,
  { users, runs }: Fleet,
  time: Time,
  uniform: () => number,
): Comparison[] {
  const [own, hybrids] = pair.map(({ agent }) => paperMinutes(users, time, agent))
  const paper = own && hybrids ? own / hybrids : undefined
  const cell = { users: String(users), ratio: ratioName(...pair), ...column }
  const [above = [], below = []] = pair.map((each) => timesOf(runsOf(runs, each), time))
  return compareRatio({ measure, cell, paper, better: 'high' }, above, below, uniform)
}

function stepOf(learner: Learner, { users, runs }: Fleet, uniform: () => number): Comparison[] {
  const values = runsOf(runs, learner).map(
    ({ result }) => (1000 * result.computationSeconds) / result.realSteps,
  )
  const cell = { learner: learner.name, users: String(users) }
  return compareMedian({ measure: STEP, cell }, values, uniform)
}

/** The three agents that the paper has. */
function summaryOf(minutes: readonly Comparison[]): string {
  const totals = inCell(minutes, { time: 'total' })
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
      axisLabel: 'minutes',
    }),
  }
}
