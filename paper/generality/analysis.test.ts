import { expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { type Comparison, inCell } from '../report.ts'
import { analyse } from './analysis.ts'
import type { GeneralityRun } from './cells.ts'
import { type Change, finished } from './example-runs.fixture.ts'
import { EXTRA, LAWS, ROUNDS } from './measures.ts'
import { experiment } from './run.ts'
import type { GeneralitySettings } from './settings.ts'
import { sweep } from './sweep.ts'

const SWEEP = sweep({ quick: false, seeds: 4 })

function report(runs: readonly GeneralityRun[]) {
  const random = new Random(1)
  return analyse(runs, () => random.uniform())
}

/** Runs of these settings, each with its change by its index. */
function runs(
  selects: (settings: GeneralitySettings) => boolean,
  changeOf: (index: number, settings: GeneralitySettings) => Change = () => ({}),
): GeneralityRun[] {
  return SWEEP.filter(selects).map((settings, index) =>
    finished(settings, changeOf(index, settings)),
  )
}

function only(comparisons: readonly Comparison[], measure: string, cell: Record<string, string>) {
  const own = inCell(comparisons, cell).filter((each) => each.measure === measure)
  expect(own).toHaveLength(1)
  return own[0]
}

const knee = ({ study, world, users, profile, set }: GeneralitySettings) =>
  study === 'laws' && set === 'reported' && world === 'knee' && users === 5 && profile === 'none'

test('rounds are interquartile means over seeds and goals; the note has the strict count and that of 95 %', () => {
  const own = runs(knee, (index) => {
    const rounds = index === 0 ? null : 1 + index
    return { settledAt: { '1 %': rounds, '2 %': rounds, '5 %': rounds } }
  })
  expect(own).toHaveLength(12)
  const { comparisons } = report(own)
  const measure = `${LAWS}: ${ROUNDS}`
  // 2 to 12 and one infinite: without the lowest and the highest three, 5 to 10.
  const mean = only(comparisons, measure, { within: '5 %' })
  expect(mean?.ours).toBeCloseTo(7.5, 9)
  expect(mean?.note).toBe('1 of 12 not settled; 95 % of the checks: 1, 0 not')
  expect(only(comparisons, measure, { within: '5 % p95' })?.ours).toBeNull()
})

test('where more than a quarter do not settle, the mean is infinite, and the summary says how many', () => {
  const nothing = { '1 %': null, '2 %': null, '5 %': null }
  const own = runs(knee, (index) => (index < 4 ? { settledAt: nothing } : {}))
  const { comparisons, summary } = report(own)
  expect(only(comparisons, `${LAWS}: ${ROUNDS}`, { within: '2 %' })?.ours).toBeNull()
  expect(summary).toBe(
    'factored is under laws it does not know within 5 % after ∞ rounds (4 of 12 runs do not settle). The goal was broken 0 times in 12 runs.',
  )
})

test('extra time is a mean, by the rounds that it is of', () => {
  const own = runs(knee, (index) => ({
    extraPercent: { first100: index, all: 1, last200: index / 2, from500: null },
  }))
  const { comparisons } = report(own)
  expect(only(comparisons, `${LAWS}: ${EXTRA}`, { rounds: 'first 100' })?.ours).toBeCloseTo(5.5, 9)
  expect(only(comparisons, `${LAWS}: ${EXTRA}`, { rounds: 'last 200' })?.ours).toBeCloseTo(2.75, 9)
})

test('after a change only what came after it counts', () => {
  const own = runs(({ study, set }) => study === 'drift' && set === 'reported')
  const { comparisons } = report(own)
  const cell = { change: 'edge × 1/4', users: '20', within: '5 %' }
  expect(only(comparisons, `after a change: ${ROUNDS}`, cell)?.ours).toBe(1)
})

test('what probing costs is the difference of pairs of equal seed', () => {
  const own = runs(
    ({ study, users }) => study === 'probing' && users === 5,
    (_, { overrides, seed }) => {
      const late = (overrides ? 0.2 : 0.7) + (seed % 2)
      return { extraPercent: { first100: 1, all: 1, last200: 1, from500: late } }
    },
  )
  const [cost] = report(own).comparisons.filter(({ measure }) => measure.startsWith('what trying'))
  expect(cost?.ours).toBeCloseTo(0.5, 9)
  expect(cost?.high).toBeCloseTo(0.5, 9)
})

test('agents stand beside each other, those of the tuning worlds in a table of their own', () => {
  const { comparisons, charts, summary } = report(runs(({ study }) => study === 'learners'))
  const agents = new Set(
    comparisons.flatMap(({ measure, cell }) =>
      measure === `agents: ${EXTRA}` ? (cell['agent'] ?? []) : [],
    ),
  )
  expect(agents).toEqual(new Set(['factored', 'hybrid', 'dqn', 'bandit', 'best fixed']))
  const laws = (measure: string) =>
    comparisons.flatMap((each) => (each.measure === measure ? (each.cell['law'] ?? []) : []))
  expect(laws(`agents: ${EXTRA}`)).not.toContain('swapping')
  expect(laws(`agents for tuning, in no claim: ${EXTRA}`)).toContain('swapping')
  expect(charts.map(({ name }) => name)).toEqual(['agents'])
  expect(summary).toMatch(/^The goal was broken 0 times in \d+ runs\.$/)
})

test('pictures are of what was run, also where nothing settles', () => {
  const nothing = { '1 %': null, '2 %': null, '5 %': null }
  const [chart] = report(runs(knee, () => ({ settledAt: nothing }))).charts
  expect(chart?.name).toBe('laws')
  expect(chart?.svg).toContain('knee')
  expect(report([]).charts).toEqual([])
})

test('the report says what is for tuning and what is reported, and which seeds are', () => {
  const method = report([]).method.join('\n')
  for (const said of ['reported: waiting line', 'below 100,001', 'at most 20 configurations']) {
    expect(method).toContain(said)
  }
  const reported = SWEEP.filter(({ set }) => set === 'reported').map(({ seed }) => seed)
  expect(Math.min(...reported)).toBe(experiment.firstReportedSeed)
})
