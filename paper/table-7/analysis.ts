/** Table VII: what does it cost in time to learn, in experience and in computation? Of the runs of Table VI. */
import { readFileSync } from 'node:fs'
import { compare, type Estimate, medianOf, ratioOf } from '../comparison.ts'
import { forestOf } from '../forest.ts'
import { goalName } from '../goals.ts'
import {
  DQN,
  HYBRID,
  type Learner,
  learnersOf,
  type Pair,
  Q_LEARNING_PENALTY,
  ratioName,
  runsOf,
  VERSUS_HYBRID,
} from '../learners.ts'
import { type Cell, type Comparison, inCell, type Report } from '../report.ts'
import { runsBy } from '../runs.ts'
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

/** Of the report. */
export const title = 'Table VII: the time that learning takes, scenario A'

const MINUTES = 'training time (minutes)'
const TIME_RATIO = 'times as much time as hybrid, over all goals'
const GOAL_RATIO = 'times as much total time as hybrid, goal by goal'
const STEP = 'computation for one real step (ms)'

const METHOD = [
  'The runs of Table VI, up to the step of convergence; a run that does not converge counts as infinitely long (∞).',
  'Experience: the sum of the average response times of the real steps, in the simulator. Computation: the processor time of deciding and learning on one core of the machine named below; the paper’s is of an NVIDIA RTX 5000. Total: their sum.',
  'Median over seeds and goals with its 95 % bootstrap interval, since the paper gives one number for all goals; goal by goal below. For minutes, reproduced: the interval contains the paper’s number; better or lower, all of it is below. For ratios, better: all of it is above the paper’s. Undecided: it contains it only because it has no bound.',
  'What the regimes and the baselines are, the report of Table VI says.',
]

/** All runs with one number of users. */
interface FleetSize {
  readonly users: number
  readonly runs: readonly Training[]
}

/** Minutes of every learner, their ratios to hybrid's, and what one step costs. */
export function analyse(runs: readonly Training[], uniform: () => number): Report {
  const learners = learnersOf(runs)
  const fleets = runsBy(runs, 'users').map(([{ users }, own]) => ({ users, runs: own }))
  const minutes = compare(
    fleets.flatMap((fleet) => learners.flatMap((learner) => minutesOf(learner, fleet))),
    uniform,
  )
  const ratios = compare(
    fleets.flatMap((fleet) => VERSUS_HYBRID.flatMap((pair) => ratiosOf(pair, fleet))),
    uniform,
  )
  const steps = learners.flatMap((learner) => fleets.flatMap((fleet) => stepOf(learner, fleet)))
  const byGoal = ratios.filter(({ measure }) => measure === GOAL_RATIO)
  return {
    method: METHOD,
    summary: summaryOf(minutes),
    claims: claimsOf(runs, byGoal),
    comparisons: [...minutes, ...ratios, ...compare(steps, uniform)],
    charts: forestOf(minutes, {
      name: 'minutes',
      caption:
        'Minutes of computation, of experience and in total until convergence, median over seeds and goals with its 95 % interval. Crosses: the paper. An arrow at the right end: half of the runs or more do not converge.',
      title,
      ...{ row: 'users', column: 'time', line: 'learner', axisLabel: 'minutes' },
    }),
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

function minutesOf(learner: Learner, { users, runs }: FleetSize): Estimate[] {
  const { name, agent } = learner
  const better = agent === 'hybrid' ? 'low' : 'neither'
  return TIMES.flatMap((time) => {
    const minutes = timesOf(runsOf(runs, learner), time)
    const ours = median(minutes)
    const note = ours < 1 ? formatMinutes(ours) : ''
    const cell = { users: String(users), learner: name, time }
    const paper = paperMinutes(users, time, agent)
    return medianOf({ measure: MINUTES, cell, paper, better, note }, minutes)
  })
}

function ratiosOf(pair: Pair, { users, runs }: FleetSize): Estimate[] {
  return [
    ...TIMES.flatMap((time) => ratioTo(TIME_RATIO, { time }, pair, { users, runs }, time)),
    ...runsBy(runs, 'goal').flatMap(([{ goal }, own]) =>
      ratioTo(GOAL_RATIO, { goal: goalName(goal) }, pair, { users, runs: own }, 'total'),
    ),
  ]
}

/** None where the median of hybrid's runs does not converge. */
function ratioTo(
  measure: string,
  column: Cell,
  pair: Pair,
  { users, runs }: FleetSize,
  time: Time,
): Estimate[] {
  const [own, hybrids] = pair.map(({ agent }) => paperMinutes(users, time, agent))
  const paper = own && hybrids ? own / hybrids : undefined
  const cell = { users: String(users), ratio: ratioName(...pair), ...column }
  const [above = [], below = []] = pair.map((each) => timesOf(runsOf(runs, each), time))
  return ratioOf({ measure, cell, paper, better: 'high' }, above, below)
}

function stepOf(learner: Learner, { users, runs }: FleetSize): Estimate[] {
  const values = runsOf(runs, learner).map(
    ({ result }) => (1000 * result.computationSeconds) / result.realSteps,
  )
  return medianOf({ measure: STEP, cell: { learner: learner.name, users: String(users) } }, values)
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
