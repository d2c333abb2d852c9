/** What each part of hybrid earns: its regret without it, and that of its rivals. */
import { compare, type Estimate, medianOf } from '../comparison.ts'
import { seedsOf } from '../experiment.ts'
import { GOALS, goalName } from '../goals.ts'
import { runsOf } from '../learners.ts'
import type { Claim, Comparison } from '../report.ts'
import { TRAINING, type Training, type TrainingExperiment } from '../trainings.ts'
import { FULL, VARIANTS } from './variants.ts'

const FIXED = { users: 5, maxSteps: 300 }
const CELLS = [
  { scenario: 'A' as const, goal: GOALS.Min },
  { scenario: 'A' as const, goal: GOALS['80 %'] },
  { scenario: 'D' as const, goal: GOALS['80 %'] },
]
const QUICK = { ...FIXED, users: 3, maxSteps: 120 }

const TIMES = 'times the regret of hybrid'

export const experiment: TrainingExperiment = {
  name: 'ablation',
  title: 'What each part of hybrid earns',
  defaultSeeds: { full: 10, quick: 1 },
  ...TRAINING,
  sweep: (options) =>
    seedsOf(options).flatMap((seed) =>
      [FULL, ...VARIANTS].flatMap((variant) => {
        const { agent, regime } = variant
        const overrides = 'overrides' in variant && variant.overrides
        const learner = { agent, regime, ...(overrides && { overrides }) }
        const cells = options.quick ? CELLS.slice(1, 2) : CELLS
        return cells.map((cell) => ({
          ...learner,
          ...cell,
          ...(options.quick ? QUICK : FIXED),
          seed,
        }))
      }),
    ),
  analyse(runs, uniform) {
    const full = new Map(runsOf(runs, FULL).map((run) => [cellOf(run), regretOf(run)]))
    const estimates = VARIANTS.flatMap((variant) => {
      const cell = { row: variant.name, kind: variant.kind }
      const ratios = runsOf(runs, variant)
        .map((run) => regretOf(run) / (full.get(cellOf(run)) ?? NaN))
        .filter((ratio) => !Number.isNaN(ratio))
      return medianOf({ measure: TIMES, cell }, ratios)
    })
    const times = compare(estimates, uniform)
    const cells = compare(
      [FULL, ...VARIANTS].flatMap((row) => cellsOf(row, runs)),
      uniform,
    )
    return {
      method: METHOD,
      summary: summaryOf(times),
      claims: times.map(claimOf),
      comparisons: [...times, ...cells],
      charts: [],
    }
  },
}

const METHOD = [
  'Simulated fleet, exact regime. Regret: how much longer the first 100 real steps took than the optimum would have, in multiples of one optimal step, exploration included. Runs of 300 steps are too short for the rule of Table VI, so no steps are counted.',
  'Times the regret of hybrid: every run over that of hybrid with the same goal, scenario and seed; median with its 95 % bootstrap interval. A part earns its keep where all of the interval is above 1; else it earns nothing that these runs show.',
  'The rivals: the linear bandit has the features, the prior and the noise estimate of System’s wide part, and draws from its posterior at every step. dqn has hybrid’s network, ε and, on average, updates per real step.',
]

function cellOf({ settings: { scenario, goal, seed } }: Training): string {
  return `${scenario} ${goal} ${seed}`
}

/** In multiples of one optimal step; of a run of less than 100 steps, not a number. */
function regretOf({ result: { firstHundredMs = NaN, oracleResponseTimeMs } }: Training): number {
  return 100 * (firstHundredMs / oracleResponseTimeMs - 1)
}

/** Regret of one row, cell by cell. */
function cellsOf(
  row: Parameters<typeof runsOf>[1] & { readonly name: string },
  runs: readonly Training[],
): Estimate[] {
  return CELLS.flatMap(({ scenario, goal }) => {
    const own = runsOf(runs, row).filter(
      ({ settings }) => settings.scenario === scenario && settings.goal === goal,
    )
    const cell = { row: row.name, scenario, goal: goalName(goal) }
    return medianOf({ measure: 'regret over 100 steps', cell }, own.map(regretOf))
  })
}

function isAbove({ low }: Comparison): boolean {
  return low !== null && low > 1
}

function claimOf(times: Comparison): Claim {
  const { row, kind } = times.cell
  const { ours, low, high } = times
  return {
    claim:
      kind === 'rival'
        ? `Hybrid regrets less than ${row}.`
        : `What is missing earns its keep: ${row}.`,
    measured: `${numberOf(ours)} times the regret (${numberOf(low)} to ${numberOf(high)})`,
    holds: isAbove(times),
  }
}

function summaryOf(times: readonly Comparison[]): string {
  const rows = (kind: string, above: boolean) =>
    times
      .filter((each) => each.cell['kind'] === kind && isAbove(each) === above)
      .map(({ cell }) => cell['row'])
      .join('; ') || 'none'
  return `Not beaten: ${rows('rival', false)}. Beaten: ${rows('rival', true)}. Earns its keep: what is missing in ${rows('part', true)}. Earns nothing that these runs show: ${rows('part', false)}.`
}

function numberOf(value: number | null): string {
  return value === null ? '∞' : value.toFixed(2)
}
