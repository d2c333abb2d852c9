import { describe, expect, test } from 'vitest'
import { inCell } from '../report.ts'
import { analyse } from './analysis.ts'
import { claimsOf } from './claims.ts'
import { finishedSweep } from './example-scores.fixture.ts'
import { nodeName } from './scores.ts'
import { BEST_FIXED, BOUND, type SchedulingSettings } from './settings.ts'
import { PUBLISHED, sweep, TRAINING_SEEDS } from './sweep.ts'

const PERCENTS: Readonly<Record<string, number>> = {
  'slack-fit': 57,
  jellyfish: 56,
  [BEST_FIXED]: 58,
  'uniform-fit-drop': 60,
  'anticipating-fit': 61,
  'adaptive-smdp': 61.1,
  [BOUND]: 61.6,
  'learned-hindsight': 61.2,
  'learned-roll-outs': 61,
}

/** Jellyfish is the best published rule where the mean load is 0.6. */
function percentOf({ policy, slowdown, recalibrate }: SchedulingSettings, scenario: string) {
  if (policy === 'jellyfish' && scenario.endsWith('-0.6')) return 59
  const lost = slowdown === 1 ? 0 : recalibrate ? 1 : 5
  return (PERCENTS[policy] ?? 50) - lost
}

const RUNS = finishedSweep(percentOf)
const { comparisons, claims, summary, charts } = analyse(RUNS)
const NODE = 'mobilenet, cpu, 1 worker, 1.5 ×'

/** Of that table: ours, low and high. */
function numbersOf(measure: string, cell: Readonly<Record<string, string>>) {
  const found = inCell(comparisons, cell).filter((each) => each.measure.startsWith(measure))
  return found.map(({ ours, low, high }) => [ours, low, high])
}

function verdictsOf(runs: typeof RUNS) {
  return new Map(claimsOf(runs).map(({ claim, holds }) => [claim, holds]))
}

/** The verdict on the claim that begins so, with one policy changed. */
function holdsWith(
  begin: string,
  change: (settings: SchedulingSettings, scenario: string) => number,
) {
  const verdicts = verdictsOf(
    finishedSweep(
      (settings, scenario) => percentOf(settings, scenario) + change(settings, scenario),
    ),
  )
  return [...verdicts].find(([claim]) => claim.startsWith(begin))?.[1]
}

describe('tables', () => {
  test('have both references and SlackFit beside every policy, and one ladder each', () => {
    const byPolicy = comparisons.filter(({ cell }) => 'node' in cell && 'policy' in cell)
    for (const measure of new Set(byPolicy.map((each) => each.measure))) {
      const own = byPolicy.filter((each) => each.measure === measure)
      for (const node of new Set(own.map(({ cell }) => cell['node']))) {
        const policies = inCell(own, { node: node ?? '' }).map(({ cell }) => cell['policy'])
        expect(policies).toEqual(
          expect.arrayContaining(['slack-fit', 'best published rule', BEST_FIXED]),
        )
      }
      const ladders = new Set(own.map(({ cell }) => cell['node']?.split(',')[0]))
      expect(ladders.size).toBe(1)
    }
  })

  test('tell gains in the median workload, loads up to 1 and above apart', () => {
    const of = (column: string) =>
      numbersOf('points of effective accuracy gained', {
        node: NODE,
        policy: 'anticipating-fit',
        '': column,
      })
    expect(of('load above 1, over slack-fit')).toEqual([[4, 4, 4]])
    // 59 in ten of the 19 workloads: the median.
    expect(of('load up to 1, over best published rule')).toEqual([[2, 2, 4]])
    expect(of(`load up to 1, over ${BEST_FIXED}`)).toEqual([[3, 3, 3]])
  })

  test('show both ends of what was possible', () => {
    const [least, most] = ['at least', 'at most'].map((end) =>
      numbersOf('points of effective accuracy below', {
        ...{ node: NODE, policy: 'anticipating-fit', '': `load up to 1, clairvoyant, ${end}` },
      }).map(([ours]) => ours),
    )
    expect(least?.[0]).toBeCloseTo(0.1)
    expect(most?.[0]).toBeCloseTo(0.6)
  })

  test('name every published window, with what learning adds to the rule there', () => {
    const cell = { node: NODE, workload: 'proteus-bursty-1.5' }
    const [learned] = numbersOf('points of effective accuracy above', {
      ...cell,
      '': 'learned-hindsight',
    })
    expect(learned?.[0]).toBeCloseTo(0.2)
  })

  test('count a profile that is wrong apart', () => {
    const of = (planned: string) =>
      numbersOf('services 20 % slower than profiled: effective', {
        ...{ policy: 'anticipating-fit', planned },
      }).map(([ours]) => ours)
    expect(of('profile right')[0]).toBeCloseTo(61)
    expect(of('times as profiled')[0]).toBeCloseTo(56)
    expect(of('times follow those measured')[0]).toBeCloseTo(60)
  })
})

describe('claims', () => {
  test('hold of good runs', () => {
    const failing = claims.filter(({ holds }) => !holds).map(({ claim }) => claim.slice(0, 40))
    // The invented numbers are the same under overload, for every deadline, and of prices.
    expect(failing).toEqual([
      'Learning gains something over the rule: ',
      'mobilenet, cpu, 1 worker, 4 ×: anticipat',
      'Overload (8 and 12 times load 1) with ba',
      'Whoever asks for fewer violations gets t',
    ])
  })

  test('fail by one cell', () => {
    const below =
      (policy: string, scenario: string, points: number) =>
      (settings: SchedulingSettings, name: string) =>
        settings.policy === policy && name === scenario ? points : 0
    const rule =
      'anticipating-fit is nowhere, by node and workload, more than 0.1 points of effective accuracy below'
    expect(holdsWith(`${rule} slack-fit`, below('slack-fit', 'ramp-3', 4.05))).toBe(true)
    expect(holdsWith(`${rule} slack-fit`, below('slack-fit', 'ramp-3', 4.2))).toBe(false)
    expect(holdsWith(`${rule} the best`, below('jellyfish', 'ramp-3', 5.2))).toBe(false)
    expect(holdsWith(`${rule} uniform`, below('uniform-fit-drop', 'ramp-3', 1.2))).toBe(false)
    const learned = 'learned-hindsight is nowhere'
    expect(holdsWith(learned, below('learned-hindsight', 'ramsis-0.6', -0.3))).toBe(true)
    expect(holdsWith(learned, below('learned-hindsight', 'ramsis-0.6', -0.5))).toBe(false)
  })

  test('fail where the bound is exceeded, or less than half of the gap closed', () => {
    const bound = 'The upper end of the bound is never below'
    expect(holdsWith(bound, () => 0)).toBe(true)
    expect(
      holdsWith(bound, ({ policy }, name) => (policy === BOUND && name === 'bell-2' ? -0.7 : 0)),
    ).toBe(false)
    const gap = 'Gamma arrivals, deadline 1.5'
    expect(holdsWith(gap, () => 0)).toBe(true)
    expect(
      holdsWith(gap, ({ policy }, name) =>
        policy === BOUND && name === 'gamma-1.5-cv-5' ? 0.5 : 0,
      ),
    ).toBe(false)
  })
})

describe('claims of all runs', () => {
  test('fail where seeds or trainings differ much', () => {
    const rule = 'The seed of arrivals'
    expect(
      holdsWith(rule, ({ policy, seed }) =>
        policy === 'anticipating-fit' && seed === 102 ? 0.4 : 0,
      ),
    ).toBe(false)
    const training = 'The seed of the training'
    expect(holdsWith(training, () => 0)).toBe(true)
    expect(holdsWith(training, (settings) => (settings.training?.seed === 2003 ? 0.4 : 0))).toBe(
      false,
    )
  })

  test('fail of what was not run', () => {
    const partial = verdictsOf(RUNS.filter(({ settings }) => settings.node.ladder === 'mobilenet'))
    const failing = [...partial].filter(([, holds]) => !holds).map(([claim]) => claim.slice(0, 30))
    expect(failing).toEqual(
      expect.arrayContaining([
        'anticipating-fit is nowhere, b',
        'learned-hindsight is nowhere, ',
        'Gamma arrivals, deadline 1.5 ×',
        'The upper end of the bound is ',
      ]),
    )
  })

  test('are none of a quick sweep', () => {
    const quick = RUNS.map((run) => ({ ...run, settings: { ...run.settings, everyScenario: 4 } }))
    expect(analyse(quick).claims).toEqual([])
  })
})

test('the summary tells gains apart by ladder, load and reference', () => {
  expect(summary).toContain(
    `mobilenet, load up to 1: slack-fit +4.00 (+4.00), best published rule +2.00 (+2.00), ${BEST_FIXED} +3.00 (+3.00)`,
  )
  expect(summary).toContain('learned-hindsight +0.20')
})

test('pictures are of one ladder each', () => {
  expect(charts.map(({ name }) => name)).toEqual(
    ['mobilenet', 'fashion'].flatMap((ladder) =>
      ['effective-accuracy', 'violations', 'gain', 'learning'].map((name) => `${name}-${ladder}`),
    ),
  )
  for (const { name, svg } of charts) {
    expect(svg).toContain(BEST_FIXED)
    expect(svg.includes('>fashion') || svg.includes('>cpu')).toBe(true)
    expect(svg.includes('batching')).toBe(name.endsWith('mobilenet'))
  }
})

describe('the sweep', () => {
  const full = sweep({ quick: false, seeds: 10 })

  test('has every node with every rule and the best fixed variant, ten seeds each', () => {
    expect(new Set(full.map(({ node }) => nodeName(node))).size).toBe(11)
    for (const policy of [...PUBLISHED, BEST_FIXED, 'uniform-fit-drop', 'anticipating-fit']) {
      const own = full.filter((run) => run.policy === policy && run.slowdown === 1)
      expect(own).toHaveLength(11 * 10)
    }
  })

  test('trains three times, and tests with other seeds', () => {
    const learned = full.filter(({ training }) => training)
    const trainings = new Set(learned.map(({ training }) => training?.seed))
    expect(trainings).toEqual(new Set(TRAINING_SEEDS))
    const tests = sweep({ quick: false, seeds: 1000 }).map(({ seed }) => seed)
    expect(tests.filter((seed) => trainings.has(seed))).toEqual([])
    for (const { seed, seeds } of learned) expect([seed, seeds]).toEqual([101, 3])
  })

  test('has the bound where it is one, of one worker', () => {
    const bounded = full.filter(({ policy }) => policy === BOUND)
    expect(bounded).toHaveLength(9 * 3)
    expect(bounded.every(({ node }) => node.workers === 1)).toBe(true)
  })

  test('quickly has a part of each kind, and solves nothing', () => {
    const quick = sweep({ quick: true, seeds: 1 })
    expect(quick.length).toBeLessThan(40)
    const policies = quick.map(({ policy }) => policy)
    expect(policies).toEqual(expect.arrayContaining([BOUND, BEST_FIXED, 'learned-hindsight']))
    expect(policies.some((policy) => policy.includes('smdp'))).toBe(false)
  })
})
