import { describe, expect, test } from 'vitest'
import { PROVENANCE } from '../example-run.fixture.ts'
import { inCell } from '../report.ts'
import { analyse } from './analysis.ts'
import {
  groupOf,
  meanOf,
  nodeName,
  type SchedulingResult,
  type SchedulingRun,
  scoresOf,
} from './scores.ts'
import { BOUND, type SchedulingNode, type SchedulingSettings } from './settings.ts'
import { sweep } from './sweep.ts'

const TIGHT: SchedulingNode = { profile: 'cpu', workers: 1, deadlineMs: 10 }

/** Effective accuracy and violations of a light and a high workload. */
type Numbers = readonly (readonly [effective: number, violations: number])[]

function finished(
  policy: string,
  numbers: Numbers,
  { trainingSeconds, ...change }: Partial<SchedulingSettings & SchedulingResult> = {},
): SchedulingRun {
  const outcomes = numbers.map(([effectiveAccuracyPercent, violationPercent], index) => ({
    scenario: ['calm', 'gamma'][index],
    family: ['steady', 'gamma'][index],
    load: [0.5, 4][index],
    requests: 1000,
    effectiveAccuracyPercent,
    servedAccuracyPercent: 70,
    violationPercent,
  }))
  return {
    settings: {
      node: TIGHT,
      policy,
      mostRequests: 1000,
      leastMs: 0,
      overloadMs: 0,
      everyScenario: 1,
      slowdown: 1,
      recalibrate: true,
      seed: 101,
      ...change,
    },
    result: { outcomes, ...(trainingSeconds && { trainingSeconds }) },
    provenance: PROVENANCE,
  }
}

// biome-ignore format: one policy a line
const RUNS = [
  finished('smallest', [[50, 0], [50, 0]]),
  finished('slack-fit', [[69.95, 0], [50, 20]]),
  finished('uniform-fit', [[70, 0], [58, 4]]),
  finished('uniform-fit-drop', [[70, 0], [60, 4]]),
  finished('uniform-fit-drop', [[70, 0], [62, 4]], { seed: 102 }),
  finished('learned-hindsight', [[70, 0], [61, 4]], { trainingSeconds: 20 }),
  finished(BOUND, [[70.2, 0], [61, 0]]),
  finished('uniform-fit-drop', [[69, 2], [50, 10]], { slowdown: 1.2, recalibrate: false }),
  finished('uniform-fit-drop', [[69.5, 0.4], [55, 8]], { slowdown: 1.2 }),
]
const { comparisons, claims, summary, charts } = analyse(RUNS)

function oursOf(measure: string, cell: Readonly<Record<string, string>>) {
  const found = inCell(comparisons, cell).filter((each) => each.measure.startsWith(measure))
  return found.map(({ ours, low, high }) => [ours, low, high])
}

describe('numbers, by hand', () => {
  test('means by load and over all, from the lowest to the highest seed', () => {
    const of = (load: string) => oursOf('effective accuracy', { policy: 'uniform-fit-drop', load })
    expect(of('light')).toEqual([[70, 70, 70]])
    expect(of('high')).toEqual([[61, 60, 62]])
    expect(of('all')).toEqual([[65.5, 65, 66]])
    expect(of('overload')).toEqual([])
  })

  test('a profile that is wrong counts apart', () => {
    const of = (planned: string) =>
      oursOf('services 20 % slower', { policy: 'uniform-fit-drop', planned }).map(([ours]) => ours)
    expect(of('profile right')).toEqual([65.5, 2])
    expect(of('times as profiled')).toEqual([59.5, 6])
    expect(of('times follow those measured')).toEqual([62.25, 4.2])
  })

  test('gaps to what was possible', () => {
    const [gap] = oursOf('points of effective accuracy below', {
      policy: 'learned-hindsight',
      load: 'all',
    })
    expect(gap?.[0]).toBeCloseTo(0.1)
  })

  test('gains over slack-fit: lowest, median and highest workload', () => {
    const gains = oursOf('points of effective accuracy above slack-fit', { policy: 'uniform-fit' })
    const values = gains.map(([ours]) => ours)
    for (const [index, expected] of [0.05, 4.025, 8].entries()) {
      expect(values[index]).toBeCloseTo(expected)
    }
  })
})

test('claims hold or fail by the numbers', () => {
  const verdicts = claims.map(({ claim, measured, holds }) => [claim.slice(0, 40), measured, holds])
  expect(verdicts).toEqual([
    ['uniform-fit-drop is in no workload, node', expect.stringContaining('lowest +0.05'), true],
    ['learned-hindsight is in no workload, nod', expect.stringContaining('lowest +0.05'), true],
    [
      '1 worker: uniform-fit-drop gains at leas',
      expect.stringContaining(
        'cpu, 1 worker, 10 ms +5.02. learned-hindsight: cpu, 1 worker, 10 ms +5.52. clairvoyant: cpu, 1 worker, 10 ms +5.63.',
      ),
      true,
    ],
    ['Wherever slack-fit violates at least 0.5', expect.stringContaining('in 1 of 1'), true],
    ['cpu, 1 worker, 10 ms: uniform-fit-drop i', '0.60 points', true],
    ['cpu, 1 worker, 10 ms: learned-hindsight ', '0.10 points', true],
    ['Learning gains something over the rule: ', expect.stringContaining('+0.50'), true],
    ['Gamma arrivals with coefficients of vari', '+1.00', true],
    ['Training takes at most 60 s of processor', 'longest 20 s; of one seed', false],
    [
      'Services 20 % slower than profiled: unif',
      expect.stringContaining('0.40 %, and 2.00 %'),
      true,
    ],
  ])
})

test('the summary names both rules, and where nothing is gained', () => {
  expect(summary).toContain('uniform-fit-drop against slack-fit: +5.02 points')
  expect(summary).toContain('Nothing is gained (less than 0.1 points) in 1 of 2 workloads')
  expect(summary).toContain('learned-hindsight +0.50')
})

test('a quick sweep judges nothing', () => {
  const quick = RUNS.map((run) => ({ ...run, settings: { ...run.settings, everyScenario: 3 } }))
  expect(analyse(quick).claims).toEqual([])
})

test('pictures have a panel for every node, a line for every policy but the largest', () => {
  expect(charts.map(({ name }) => name)).toEqual([
    'effective-accuracy',
    'violations',
    'gain',
    'learning',
  ])
  for (const { svg } of charts) {
    expect(svg).toContain('uniform-fit-drop')
    expect(svg).toContain('10 ms')
  }
})

describe('scores', () => {
  test('groups by load, and nodes by name', () => {
    const groups = [0.5, 1, 2, 2.5, 4, 8].map((load) => groupOf({ load }))
    expect(groups).toEqual(['light', 'medium', 'medium', 'high', 'high', 'overload'])
    expect(nodeName({ ...TIGHT, workers: 4 })).toBe('cpu, 4 workers, 10 ms')
  })

  test('numbers that are not there do not count', () => {
    expect(meanOf(scoresOf(RUNS), () => null)).toBeUndefined()
  })
})

describe('the sweep', () => {
  const full = sweep({ quick: false, seeds: 2 })

  test('has every node with every policy, and the solved ones without batching', () => {
    const nodes = new Set(full.map(({ node }) => nodeName(node)))
    expect(nodes.size).toBe(8)
    for (const name of nodes) {
      const own = full.filter(({ node, seed }) => nodeName(node) === name && seed === 101)
      const policies = own.map(({ policy }) => policy)
      expect(policies).toContain('uniform-fit')
      expect(policies.includes('adaptive-smdp')).toBe(name.startsWith('cpu'))
      expect(policies.includes(BOUND)).toBe(name.includes('1 worker,'))
      expect(policies.includes('learned-hindsight')).toBe(name.includes('1 worker,'))
    }
  })

  test('runs the seeds one after the other', () => {
    const seeds = full.map(({ seed }) => seed)
    const second = seeds.indexOf(102)
    expect(new Set(seeds.slice(0, second))).toEqual(new Set([101]))
    expect(new Set(seeds)).toEqual(new Set([101, 102]))
  })

  test('learns what is no default with three seeds, after all the rest', () => {
    const five = sweep({ quick: false, seeds: 5 })
    const extra = five.filter(({ policy }) => /ppo|price|history|stacked|rate$/.test(policy))
    const learned = extra.filter(({ training }) => training)
    expect(new Set(learned.map(({ seed }) => seed))).toEqual(new Set([101, 102, 103]))
    expect(learned).toHaveLength(3 * 8)
    expect(five.slice(-1)[0]?.training?.trainer).toBe('policy-optimisation')
  })

  test('quickly solves nothing', () => {
    const quick = sweep({ quick: true, seeds: 1 })
    expect(quick.length).toBeLessThan(30)
    expect(quick.some(({ policy }) => policy.includes('smdp'))).toBe(false)
  })
})
