/** The Online Learning paper: how much faster is choosing model and place together than offloading alone, and at what accuracy? */
import { readFileSync } from 'node:fs'
import { compareMedian, stepCounts } from '../comparison.ts'
import type { Comparison, FinishedRun, Report, Scenario } from '../experiment.ts'
import { type Learner, runsOf } from '../learners.ts'
import { median } from '../statistics.ts'
import { reductionsChart, usersChart, warmStartChart } from './charts.ts'
import { claimsOf } from './claims.ts'
import { GOAL, LEARNERS, STRATEGIES } from './sweep.ts'
import { warmStarts } from './warm-starts.ts'

interface Expected {
  readonly reductionPercent: number
  readonly accuracyLossPoints: number
  readonly rows: readonly {
    readonly scenario: Scenario
    readonly offloadingMs: number
    readonly jointMs: number
  }[]
}

const expected: Expected = JSON.parse(
  readFileSync(new URL('./expected.json', import.meta.url), 'utf8'),
)

export const title = 'Online Learning: choosing models and places against offloading alone'

const REDUCTION =
  'average response time saved by choosing models at 89 %, against the best offloading alone (%), five users'
const LOSS = 'average accuracy given up for it (points), five users'
const LEARNED = 'average response time learned (ms), five users'
const USERS = 'average response time by number of users (ms)'

/** How far from Table V a saving may be, points: the simulator is fitted to that table within 5 %. */
const TOLERANCE_POINTS = 3

const METHOD = [
  'Simulated fleet. Of the paper its abstract can be read: 35 % lower average response time than the state of the art for less than 0.9 points of accuracy. The baseline is not named there. Read as: offloading alone, which decides where but always serves the most accurate model, d0, against deciding model and place together for an average accuracy of 89 %. The same authors’ HL paper bears the reading out: of its Table V, Max and 89 % in scenario A are 418.91 and 269.80 ms, 35.6 % apart, at 0.8 points.',
  'The baseline is the strongest there is: the best decision among all that use d0 alone, by brute force. Response times are those of the greedy decision at the end of a run, free of noise. Agents of the exact regime never break the goal; in the penalty regime, the papers’, q-learning learns it from what breaking it costs.',
  'Every learner also learns offloading alone: the same problem with d0 as the only model. Learning ends at convergence (paper/README.md).',
  `Median over the seeds with its 95 % bootstrap interval. Savings: reproduced, within ${TOLERANCE_POINTS} points of Table V (HL paper), to which the simulator is fitted.`,
  'By number of users: every device serves itself, all use the edge or all use the cloud, always by d0; and the best decisions of either kind. These are known, not learned, and free of noise.',
  'Warm start: the agent first learns another goal, or a fleet of four, and what it knows is carried over; its steps there are not counted. Saved: 1 − median with / median without.',
]

export function analyse(runs: readonly FinishedRun[], uniform: () => number): Report {
  const isLearned = ({ users, maxSteps, warmStart }: FinishedRun) =>
    users === 5 && maxSteps > 1 && !warmStart
  const learned = runs.filter(isLearned)
  const joint = learned.filter(({ goal }) => goal === GOAL)
  const reductions = perCell(joint, (learner, scenario, own) => {
    const row = expected.rows.find((each) => each.scenario === scenario)
    const baselineMs = offloadingMs(runs, scenario)
    const saved = own.map(({ responseTimeMs }) => 100 * (1 - responseTimeMs / baselineMs))
    const paper = row && 100 * (1 - row.jointMs / row.offloadingMs)
    const note = `${median(own.map((run) => run.responseTimeMs)).toFixed(1)} ms against ${baselineMs.toFixed(1)} ms`
    const cell = { learner: learner.name, scenario }
    return near(
      compareMedian({ measure: REDUCTION, cell, paper, better: 'high', note }, saved, uniform),
      TOLERANCE_POINTS,
    )
  })
  const comparisons = [
    ...reductions,
    ...perCell(joint, (learner, scenario, own) => {
      const lost = own.map(({ accuracyPercent }) => 89.9 - accuracyPercent)
      const cell = { learner: learner.name, scenario }
      return compareMedian(
        { measure: LOSS, cell, paper: 0.8, better: 'low', note: '' },
        lost.map((points) => Number(points.toFixed(6))),
        uniform,
      )
    }),
    ...learnedTimes(learned, uniform),
  ]
  const users = byUsers(runs, uniform)
  const warm = warmStarts(runs, uniform)
  return {
    title,
    method: METHOD,
    summary: summaryOf(reductions),
    claims: claimsOf(runs, reductions, users, warm.saved, expected),
    comparisons: [...comparisons, ...users, ...warm.steps, ...warm.saved],
    charts: [
      usersChart(users),
      reductionsChart(reductions),
      ...(warm.steps.length > 0 ? [warmStartChart(warm.steps)] : []),
    ],
  }
}

/** Of the best decision that uses d0 alone, five users, ms. */
function offloadingMs(runs: readonly FinishedRun[], scenario: Scenario): number {
  const known = runs.find(
    (run) => run.agent === 'oracle' && run.variants && run.users === 5 && run.scenario === scenario,
  )
  return known?.oracleResponseTimeMs ?? Number.NaN
}

/** One comparison for each learner in each scenario that has runs. */
function perCell(
  runs: readonly FinishedRun[],
  compare: (learner: Learner, scenario: Scenario, own: readonly FinishedRun[]) => Comparison,
): Comparison[] {
  const scenarios = [...new Set(runs.map(({ scenario }) => scenario))]
  return LEARNERS.flatMap((learner) =>
    scenarios.flatMap((scenario) => {
      const own = runsOf(runs, learner).filter((run) => run.scenario === scenario)
      return own.length > 0 ? [compare(learner, scenario, own)] : []
    }),
  )
}

function near(comparison: Comparison, tolerance: number): Comparison {
  const { paper, ours } = comparison
  const isNear = paper !== null && ours !== null && Math.abs(ours - paper) <= tolerance
  return isNear ? { ...comparison, verdict: 'reproduced' } : comparison
}

/** Response times and steps of both problems. */
function learnedTimes(learned: readonly FinishedRun[], uniform: () => number): Comparison[] {
  const problems = [
    { name: 'offloading alone', runs: learned.filter(({ variants }) => variants) },
    { name: 'models and places, 89 %', runs: learned.filter(({ variants }) => !variants) },
  ] as const
  return problems.flatMap((problem, index) =>
    perCell(problem.runs, (learner, scenario, own) => {
      const row = expected.rows.find((each) => each.scenario === scenario)
      const paper = index === 0 ? row?.offloadingMs : row?.jointMs
      const converged = own.filter((run) => run.converged).length
      const steps = median(stepCounts(own))
      const note = `${converged} of ${own.length} converge, median ${Number.isFinite(steps) ? `${steps.toFixed(0)} steps` : 'beyond the limit'}`
      const cell = { decides: problem.name, learner: learner.name, scenario }
      const values = own.map(({ responseTimeMs }) => responseTimeMs)
      const compared = { measure: LEARNED, cell, paper, better: 'low', note } as const
      return near(compareMedian(compared, values, uniform), 0.05 * (paper ?? 0))
    }),
  )
}

/** The known strategies in every scenario, and what agents learn in scenario A. */
function byUsers(runs: readonly FinishedRun[], uniform: () => number): Comparison[] {
  const compare = (scenario: string, strategy: string, own: readonly FinishedRun[]) =>
    [...new Set(own.map(({ users }) => users))].map((users) => {
      const values = own.filter((run) => run.users === users).map((run) => run.responseTimeMs)
      const cell = { scenario, strategy, users: String(users) }
      const compared = { measure: USERS, cell, paper: undefined, better: 'low', note: '' } as const
      return compareMedian(compared, values, uniform)
    })
  const scenarios = [...new Set(runs.map(({ scenario }) => scenario))]
  return scenarios.flatMap((scenario) => {
    const here = runs.filter((run) => run.scenario === scenario && !run.warmStart)
    const known = Object.entries(STRATEGIES).flatMap(([name, strategy]) => {
      const own = here.filter(
        ({ agent, goal }) => agent === strategy.agent && goal === strategy.goal,
      )
      return compare(scenario, name, own)
    })
    const learned = LEARNERS.filter(({ agent }) => agent !== 'hybrid').flatMap((learner) =>
      [true, false].flatMap((alone) => {
        const own = runsOf(here, learner).filter(
          ({ variants }) => (variants !== undefined) === alone,
        )
        const name = alone ? 'offloading alone' : 'models and places, 89 %'
        return scenario === 'A' ? compare(scenario, `${name}: ${learner.name}`, own) : []
      }),
    )
    return [...known, ...learned]
  })
}

function summaryOf(reductions: readonly Comparison[]): string {
  const scenarios = [...new Set(reductions.map(({ cell }) => cell['scenario'] ?? ''))]
  const parts = scenarios.map((scenario) => {
    const values = reductions
      .filter(({ cell }) => cell['scenario'] === scenario)
      .map(({ ours }) => (ours ?? Number.NaN).toFixed(1))
    return `${[...new Set(values)].join(' to ')} % in scenario ${scenario}`
  })
  return `Choosing models together with places at 89 % saves of the average response time of the best offloading alone, as learned: ${parts.join(', ')}.`
}
