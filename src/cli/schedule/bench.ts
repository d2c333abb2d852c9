/** `tierwise schedule bench`: policies on every workload and deadline, gains told apart by load. */
import { median } from 'simple-statistics'
import { Random } from '../../random.ts'
import type { Ladder } from '../../scheduling/ladder.ts'
import { boundOf } from '../../simulation/node/policy-outcome.ts'
import { requestsOf } from '../../simulation/node/serving-node.ts'
import { scenarioArrivals, WINDOW_SCENARIOS } from '../../simulation/workload/scenario-arrivals.ts'
import { SCENARIOS, type Scenario } from '../../simulation/workload/scenarios.ts'
import { textTable } from '../table.ts'
import { bestFixed } from './best-fixed.ts'
import { outcomeOf } from './outcome.ts'

/** What is compared with in every cell. */
const PUBLISHED = 'slack-fit'
const FIXED = 'best fixed variant'
const BOUND = 'clairvoyant bound'

/** What is simulated. */
export interface ScheduleBenchOptions {
  readonly ladder: Ladder
  readonly workers: number
  /** Deadlines, in service times of the largest variant. */
  readonly multiples: readonly number[]
  readonly policies: readonly string[]
  /** Of one workload, about. */
  readonly requests: number
  readonly bound: boolean
  readonly seed: number
  readonly signal: AbortSignal
  readonly onProgress: (share: number, name: string) => void
}

/** One policy on one workload at one deadline. */
export interface Cell {
  readonly policy: string
  readonly multiple: number
  readonly scenario: string
  readonly load: number
  readonly effectiveAccuracyPercent: number
  /** null: of the bound. */
  readonly violationPercent: number | null
}

/** @returns the cells so far, when aborted */
export async function benchCells(options: ScheduleBenchOptions): Promise<Cell[]> {
  const { multiples, signal, onProgress } = options
  const scenarios = [...SCENARIOS, ...WINDOW_SCENARIOS]
  const cells: Cell[] = []
  for (const [row, multiple] of multiples.entries()) {
    for (const [index, scenario] of scenarios.entries()) {
      if (signal.aborted) return cells
      const done = (row + index / scenarios.length) / multiples.length
      onProgress(done, `${scenario.name}, ${multiple} services`)
      cells.push(...(await cellsOf(options, multiple, scenario)))
    }
  }
  return cells
}

async function cellsOf(
  { ladder, workers, policies, requests, bound, seed, signal }: ScheduleBenchOptions,
  multiple: number,
  scenario: Scenario,
): Promise<Cell[]> {
  const largestMs = ladder.variants.at(-1)?.serviceTimesMs[0] as number
  const node = { ladder, workers, deadlineMs: multiple * largestMs }
  const random = new Random(seed).fork(scenario.name)
  const arrivalsMs = scenarioArrivals(scenario, { workers, largestMs }, requests, random)
  if (arrivalsMs.length === 0) return []
  const all = requestsOf(arrivalsMs, node.deadlineMs)
  const options = { seed, signal }
  const of = { multiple, scenario: scenario.name, load: scenario.load }
  const cells: Cell[] = []
  for (const policy of [...new Set([PUBLISHED, ...policies])]) {
    const outcome = await outcomeOf(policy, node, all, options)
    if (outcome) cells.push({ ...of, ...figures(outcome), policy })
  }
  const fixed = await bestFixed(node, all, options)
  if (fixed) cells.push({ ...of, ...figures(fixed), policy: FIXED })
  const bracket = bound ? boundOf(node, all, seed) : undefined
  if (bracket) {
    const effectiveAccuracyPercent = bracket.highPercent
    cells.push({ ...of, policy: BOUND, effectiveAccuracyPercent, violationPercent: null })
  }
  return cells
}

function figures(outcome: Pick<Cell, 'effectiveAccuracyPercent' | 'violationPercent'>) {
  const { effectiveAccuracyPercent, violationPercent } = outcome
  return { effectiveAccuracyPercent, violationPercent }
}

/** A table for every deadline and for loads up to 1 and above. */
export function describeCells(cells: readonly Cell[]): string {
  const multiples = [...new Set(cells.map(({ multiple }) => multiple))]
  const halves = [
    { title: 'load up to 1', has: ({ load }: Cell) => load <= 1 },
    { title: 'load above 1', has: ({ load }: Cell) => load > 1 },
  ]
  const tables = multiples.flatMap((multiple) =>
    halves.flatMap(({ title, has }) => {
      const own = cells.filter((cell) => cell.multiple === multiple && has(cell))
      if (own.length === 0) return []
      const workloads = new Set(own.map(({ scenario }) => scenario)).size
      return `deadline ${multiple} × the largest service, ${title} (${workloads} workloads)\n${tableOf(own)}`
    }),
  )
  return `${tables.join('\n\n')}\n`
}

function tableOf(cells: readonly Cell[]): string {
  const policies = [...new Set(cells.map(({ policy }) => policy))]
  const rows = policies.map((policy) => {
    const own = cells.filter((cell) => cell.policy === policy)
    const violations = own.flatMap(({ violationPercent }) => violationPercent ?? [])
    return [
      policy,
      mean(own.map(({ effectiveAccuracyPercent }) => effectiveAccuracyPercent)).toFixed(2),
      violations.length > 0 ? mean(violations).toFixed(2) : '–',
      gains(own, cells, PUBLISHED),
      gains(own, cells, FIXED),
    ]
  })
  const over = [`over ${PUBLISHED}: median (least)`, `over the ${FIXED}: median (least)`]
  return textTable(['mean of', 'effective %', 'violations %', ...over], rows)
}

/** Points of effective accuracy by which they are better, workload by workload. */
function gains(own: readonly Cell[], cells: readonly Cell[], other: string): string {
  const points = own.flatMap((cell) => {
    const against = cells.find(
      ({ policy, scenario }) => policy === other && scenario === cell.scenario,
    )
    return against ? cell.effectiveAccuracyPercent - against.effectiveAccuracyPercent : []
  })
  if (own[0]?.policy === other || points.length === 0) return '–'
  return `${signed(median(points))} (${signed(Math.min(...points))})`
}

function signed(points: number): string {
  const text = points.toFixed(2)
  return points >= 0 ? `+${text.replace('-', '')}` : text
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
