/** How claims are judged: a statistic of every cell, and what it must be. What was not run, or is infinite, fails. */
import { mean } from 'simple-statistics'
import type { Claim } from '../report.ts'
import { runsWith } from '../runs.ts'
import { interquartileMean, percentile } from '../statistics.ts'
import { type GeneralityRun, lastPhase, neverForgets, type RunCell } from './cells.ts'

/** Fewer runs show nothing of a cell. */
const FEWEST_RUNS = 10
/** Of the cells that fail. */
const MOST_NAMED = 8

type Runs = readonly GeneralityRun[]
type Tolerance = '1 %' | '2 %' | '5 %'

interface Statistic {
  readonly of: (runs: Runs) => number
  /** Where it is of settling: the strict count of runs that do not, and that of the rule of 95 %, stand side by side. */
  readonly within?: Tolerance
  /** What it compares, which all must have runs enough; by default it is of all of them together. */
  readonly sides?: (runs: Runs) => readonly [Runs, Runs]
}

/** Rounds until good to the end; infinitely many where a run does not settle. */
export function roundsOf(runs: Runs, tolerance: Tolerance): number[] {
  return runs.map((run) => lastPhase(run).settledAt[tolerance] ?? Number.POSITIVE_INFINITY)
}

/** Interquartile mean of the rounds until good to the end. */
export function iqm(tolerance: Tolerance): Statistic {
  return { of: (runs) => interquartileMean(roundsOf(runs, tolerance)), within: tolerance }
}

/** Their 95th percentile. */
export function p95(tolerance: Tolerance): Statistic {
  return { of: (runs) => percentile(roundsOf(runs, tolerance), 0.95), within: tolerance }
}

/** Share of the runs that do not settle. */
export function unsettled(tolerance: Tolerance): Statistic {
  return {
    of: (runs) =>
      mean(roundsOf(runs, tolerance).map((rounds) => (Number.isFinite(rounds) ? 0 : 1))),
    within: tolerance,
  }
}

/** Percent above the best. */
export const WORST_FINAL: Statistic = {
  of: (runs) => Math.max(...runs.map((run) => lastPhase(run).finalPercent)),
}

/** Percent above the best. */
export const MEAN_FINAL: Statistic = {
  of: (runs) => mean(runs.map((run) => lastPhase(run).finalPercent)),
}

/** Percent above the best, over the first 100 rounds. */
export const EARLY_EXTRA: Statistic = {
  of: (runs) => mean(runs.map((run) => lastPhase(run).extraPercent.first100)),
}

/** Percentage points; not a number where one of both agents is missing. */
export function probingCost(runs: Runs): number {
  const [forgetting, never] = probingSides(runs).map((own) =>
    meanOf(own.map((run) => lastPhase(run).extraPercent.from500 ?? Number.NaN)),
  )
  return (forgetting ?? Number.NaN) - (never ?? Number.NaN)
}

/** See `probingCost`. */
export const PROBING_COST: Statistic = { of: probingCost, sides: probingSides }

function probingSides(runs: Runs): [forgetting: Runs, never: Runs] {
  return [runs.filter((run) => !neverForgets(run)), runs.filter(neverForgets)]
}

function regretRatio(runs: Runs): number {
  const [hybrid, bandit] = rivals(runs).map((own) =>
    meanOf(own.map((run) => lastPhase(run).extraPercent.first100)),
  )
  return (hybrid ?? Number.NaN) / (bandit ?? Number.NaN)
}

/** Extra time of hybrid over the first 100 rounds ÷ the bandit's. */
export const REGRET_RATIO: Statistic = { of: regretRatio, sides: rivals }

function rivals(runs: Runs): [hybrid: Runs, bandit: Runs] {
  return [runsWith(runs, { agent: 'hybrid' }), runsWith(runs, { agent: 'bandit' })]
}

/** Not a number of none. */
function meanOf(values: readonly number[]): number {
  return values.length > 0 ? mean([...values]) : Number.NaN
}

/** What a statistic must be. */
export function atMost(most: number) {
  return (value: number) => value <= most
}

/** Holds if it does of each cell; a cell without enough runs fails, and so does what is infinite or no number. */
export function judged(
  claim: string,
  cells: readonly RunCell[],
  { of, within, sides }: Statistic,
  isGood: (value: number) => boolean,
): Claim {
  const values = cells.map(({ cell, runs }) => {
    const value = runs.length > 0 ? of(runs) : Number.NaN
    const count = Math.min(...(sides?.(runs) ?? [runs]).map(({ length }) => length))
    const isShown = count >= FEWEST_RUNS && Number.isFinite(value)
    const few = count < FEWEST_RUNS ? ` (${count} runs)` : ''
    const name = `${Object.values(cell).join(' ')} ${shown(value)}${few}`
    return { name, value, holds: isShown && isGood(value) }
  })
  const failing = values.filter(({ holds }) => !holds)
  const known = values.map(({ value }) => value).filter((value) => !Number.isNaN(value))
  const largest = known.length > 0 ? `largest ${shown(Math.max(...known))}` : 'not run'
  const named = failing.slice(0, MOST_NAMED).map(({ name }) => name)
  const others = failing.length > MOST_NAMED ? ` and ${failing.length - MOST_NAMED} others` : ''
  const parts = [
    largest,
    `${cells.length - failing.length} of ${cells.length} cells`,
    ...(named.length > 0 ? [`not ${named.join(', ')}${others}`] : []),
    ...(within ? [unsettledCounts(cells, within)] : []),
  ]
  return { claim, measured: parts.join('; '), holds: cells.length > 0 && failing.length === 0 }
}

function unsettledCounts(cells: readonly RunCell[], within: Tolerance): string {
  const runs = cells.flatMap((each) => each.runs)
  const strictly = runs.filter((run) => lastPhase(run).settledAt[within] === null)
  const mostly = runs.filter((run) => lastPhase(run).mostlySettledAt[within] === null)
  return `of ${runs.length.toLocaleString('en')} runs ${strictly.length} do not settle strictly, ${mostly.length} by 95 % of the checks`
}

function shown(value: number): string {
  if (Number.isNaN(value)) return '–'
  return Number.isFinite(value) ? value.toLocaleString('en', { maximumSignificantDigits: 3 }) : '∞'
}
