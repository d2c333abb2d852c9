/**
 * How fast plans are made and how near to the best they are certified to be, by size and shape of the fleet. Processor time of
 * the whole process, so that a busy machine changes little.
 */
import { quantile } from 'simple-statistics'
import { solveByHighs } from '../src/learning/planner/mixed-integer.fixture.ts'
import { plan } from '../src/learning/planner/plan.ts'
import type { PlanningProblem } from '../src/learning/planner/problem.ts'
import { SAMPLE_SHAPES, sampleProblem } from '../src/learning/planner/sample-problems.fixture.ts'
import { Random } from '../src/random.ts'
import { timed } from './sampling.ts'

/** What `sampleProblem` takes. */
type Cascades = boolean | 'many'

const GOALS = [0, 80, 85, 89, 89.9]
const DEVICES_PER_EDGE = 25
const FIRST_SEED = 101
/** Devices → seeds for each goal and the most that planning may take at the median, ms. */
const SIZES: readonly (readonly [devices: number, seeds: number, boundMs: number | undefined])[] = [
  [5, 20, undefined],
  [20, 8, undefined],
  [100, 8, undefined],
  [1000, 6, 20],
  [10_000, 2, 150],
  [100_000, 1, 2500],
]

/** The same where devices may escalate a share of their requests: no bound on the gap. */
const CASCADE_SIZES: typeof SIZES = [
  [5, 8, undefined],
  [100, 4, undefined],
  [1000, 2, undefined],
  [10_000, 1, 1000],
]

/** With hundreds of them. */
const MANY_SIZES: typeof SIZES = [[10_000, 1, 1000]]

/** Every shape in sizes from 5 to 100,000 devices, and with cascades to 10,000. */
export function measurePlanner() {
  for (const shape of SAMPLE_SHAPES) measure(shape, 100, 1, false)
  const measured = (sizes: typeof SIZES, cascades: Cascades) =>
    sizes.flatMap(([devices, seeds, boundMs]) =>
      SAMPLE_SHAPES.map((shape) => ({ ...measure(shape, devices, seeds, cascades), boundMs })),
    )
  return [
    ...measured(SIZES, false),
    ...measured(CASCADE_SIZES, true),
    ...measured(MANY_SIZES, 'many'),
  ]
}

/** Times are processor time of one plan, gaps are shares. */
function measure(
  shape: (typeof SAMPLE_SHAPES)[number],
  devices: number,
  seeds: number,
  cascades: Cascades,
) {
  const edges = Math.ceil(devices / DEVICES_PER_EDGE)
  const times: number[] = []
  const nextTimes: number[] = []
  const gaps: number[] = []
  let proven = 0
  for (let seed = FIRST_SEED; seed < FIRST_SEED + seeds; seed++) {
    for (const goalPercent of GOALS) {
      const random = new Random(seed)
      const problem = sampleProblem({ devices, edges, goalPercent, shape, cascades }, random)
      const first = timed(() => plan(problem))
      const next = timed(() => plan(changed(problem, random), { prices: first.value.prices }))
      times.push(first.ms)
      nextTimes.push(next.ms)
      gaps.push(first.value.gap)
      if (first.value.proven) proven++
    }
  }
  return {
    shape,
    cascades,
    devices,
    medianMs: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    /** With the prices of the plan before, every own time 1 % (standard deviation) different. */
    nextMedianMs: quantile(nextTimes, 0.5),
    medianGap: quantile(gaps, 0.5),
    p95Gap: quantile(gaps, 0.95),
    provenPercent: (100 * proven) / gaps.length,
  }
}

function changed(problem: PlanningProblem, random: Random): PlanningProblem {
  return {
    ...problem,
    ownTimesMs: problem.ownTimesMs.map((ms) => ms * (1 + 0.01 * random.normal())),
  }
}

/** A line for each shape and size. */
export function describePlanner(results: ReturnType<typeof measurePlanner>): string[] {
  const percent = (share: number) => `${(100 * share).toPrecision(2)} %`.padStart(11)
  return results.map(
    ({ shape, cascades, devices, medianMs, p95Ms, nextMedianMs, provenPercent, ...result }) =>
      `${String(devices).padStart(6)} devices, ${shape.padEnd(13)}${namesOf(cascades)} ${medianMs.toFixed(2).padStart(8)} ms, p95 ${p95Ms.toFixed(2).padStart(8)}, next ${nextMedianMs.toFixed(2).padStart(8)}; gap${percent(result.medianGap)}, p95${percent(result.p95Gap)}; proven ${provenPercent.toFixed(0)} %${result.boundMs === undefined ? '' : ` (bounds ${result.boundMs} ms${cascades ? '' : ', 0.1 %'})`}`,
  )
}

function namesOf(cascades: Cascades): string {
  if (cascades === 'many') return ' many cascades'
  return cascades ? ' cascades' : ''
}

const EXACT_SEEDS = 12

/** Plans of 20 to 50 devices on one to three edges, compared with HiGHS. */
export function compareWithHighs() {
  const ours: number[] = []
  const theirs: number[] = []
  let [mismatches, capped, skipped] = [0, 0, 0]
  for (let seed = FIRST_SEED; seed < FIRST_SEED + EXACT_SEEDS; seed++) {
    for (const shape of SAMPLE_SHAPES) {
      for (const goalPercent of GOALS) {
        const random = new Random(seed)
        const size = { devices: 20 + random.integer(31), edges: 1 + random.integer(3) }
        const problem = sampleProblem({ ...size, goalPercent, shape }, random)
        const planned = timed(() => plan(problem))
        const solved = timed(() => solveByHighs(problem, 30))
        ours.push(planned.ms)
        theirs.push(solved.ms)
        if (solved.value === undefined) {
          skipped++
          continue
        }
        if (planned.value.capped) capped++
        const above = planned.value.totalResponseTimeMs / solved.value - 1
        const boundAbove = (planned.value.lowerBoundMs * size.devices) / solved.value - 1
        const isBest = planned.value.capped || Math.abs(above) < 1e-7
        if (!isBest || above < -1e-7 || boundAbove > 1e-7) mismatches++
      }
    }
  }
  return {
    compared: ours.length - skipped,
    mismatches,
    /** The label search gave up: only the bound was compared. */
    capped,
    /** HiGHS gave up. */
    skipped,
    medianMs: quantile(ours, 0.5),
    highsMedianMs: quantile(theirs, 0.5),
  }
}

/** The result as lines for people. */
export function describeExact(result: ReturnType<typeof compareWithHighs>): string[] {
  const { compared, mismatches, capped, skipped, medianMs, highsMedianMs } = result
  return [
    `against HiGHS: ${mismatches} mismatches in ${compared} plans of 20 to 50 devices (${capped} not proven, ${skipped} not solved by HiGHS)`,
    `median ${medianMs.toFixed(1)} ms, HiGHS ${highsMedianMs.toFixed(1)} ms`,
  ]
}
