/** Pictures: steps by learner and by fleet, regret of drift, what pushing saves. */
import { forestOf } from '../forest.ts'
import { type Chart, type Comparison, inCell } from '../report.ts'
import { RATIO as REGRET_RATIO } from './changes.ts'
import { DELIVERY } from './delivery.ts'
import { CONVERGED, FLEET_STEPS, LEARNER_STEPS } from './steps.ts'

/** A logarithmic axis has no zero. */
const NEARLY_NOTHING = { steps: 0.5, ratio: 0.005 }

export function chartsOf(comparisons: readonly Comparison[]): Chart[] {
  const of = (measure: string) => comparisons.filter((each) => each.measure === measure)
  return [
    learnersChart(of(LEARNER_STEPS), of(CONVERGED)),
    fleetsChart(of(FLEET_STEPS)),
    driftChart(inCell(of(REGRET_RATIO), { users: '5' })),
    deliveryChart(of(DELIVERY)),
  ].flatMap((chart) => chart ?? [])
}

function learnersChart(
  settled: readonly Comparison[],
  converged: readonly Comparison[],
): Chart | undefined {
  const rows = [
    ...settled
      .filter(({ cell }) => cell['within'] === '1 %' && cell['goal'] !== 'all')
      .map((each) => inRow(each, 'stays within 1 %')),
    ...converged.map((each) => inRow(each, 'rule of Table VI')),
  ]
  if (rows.length === 0) return undefined
  return {
    name: 'learners',
    caption:
      'Real steps of every learner by goal, five users, on a logarithmic axis, with 95 % intervals. Above: until within 1 % and staying there for the rest of the first 300 steps, interquartile mean. Below: convergence by the rule of Table VI, median; the crosses are the paper’s counts (of its hybrid for factored). An arrow at the right: most runs do not get there. 0 steps are drawn as 0.5.',
    svg: forestOf(atLeast(rows, NEARLY_NOTHING.steps), {
      title: 'Real steps of every learner',
      row: 'rule',
      column: 'goal',
      line: 'learner',
      columnLabel: (goal) => `goal ${goal}`,
      axisLabel: 'real steps',
    }),
  }
}

function fleetsChart(settled: readonly Comparison[]): Chart | undefined {
  if (settled.length === 0) return undefined
  const rows = settled.map((each) => {
    const { fleet = '', users = '', within = '' } = each.cell
    const isMean = !within.endsWith('p95')
    const line = isMean ? `factored, ${users} users` : `p95, ${users} users`
    return { ...each, cell: { fleet, within: within.replace(' p95', ''), line } }
  })
  return {
    name: 'fleets',
    caption:
      'Real steps of factored until within 1, 2 or 5 % of the best decision and staying there, in fleets drawn at random, on a logarithmic axis. Red: interquartile mean over seeds and goals; black: 95th percentile; 95 % intervals. An arrow at the right: more than 5 % of the runs did not settle within the run.',
    svg: forestOf(atLeast(rows, NEARLY_NOTHING.steps), {
      title: 'Real steps of factored by fleet',
      row: 'fleet',
      column: 'within',
      line: 'line',
      columnLabel: (within) => `within ${within}`,
      axisLabel: 'real steps',
    }),
  }
}

function driftChart(ratios: readonly Comparison[]): Chart | undefined {
  if (ratios.length === 0) return undefined
  return {
    name: 'drift',
    caption:
      'Regret of factored as a multiple of that of an agent that never forgets and sees no states, five users, on a logarithmic axis: over the 120 steps after an event, over the 120 after its end, and over both. Left of 1 is better. Nothing is drawn as 0.005.',
    svg: forestOf(atLeast(ratios, NEARLY_NOTHING.ratio), {
      title: 'Regret while a fleet drifts',
      row: 'event',
      column: 'phase',
      line: 'agent',
      axisLabel: 'regret ÷ never forgetting',
    }),
  }
}

function deliveryChart(times: readonly Comparison[]): Chart | undefined {
  if (times.length === 0) return undefined
  return {
    name: 'delivery',
    caption:
      'Response time of what factored has learned after 150 steps, five users, where every request asks for its decision and where devices have it already, on a logarithmic axis.',
    svg: forestOf(times, {
      title: 'Pushed and consulted decisions',
      row: 'scenario',
      column: 'goal',
      line: 'decisions',
      rowLabel: (scenario) => `scenario ${scenario}`,
      columnLabel: (goal) => `goal ${goal}`,
      axisLabel: 'response time (ms)',
    }),
  }
}

function inRow(comparison: Comparison, rule: string): Comparison {
  return { ...comparison, cell: { rule, ...comparison.cell } }
}

function atLeast(comparisons: readonly Comparison[], least: number): Comparison[] {
  const bounded = (value: number | null) => (value === null ? null : Math.max(least, value))
  return comparisons.map((each) => ({
    ...each,
    ours: bounded(each.ours),
    low: bounded(each.low),
    high: bounded(each.high),
  }))
}
