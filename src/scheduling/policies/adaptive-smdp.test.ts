import { describe, expect, it } from 'vitest'
import { exampleLadder, observationOf } from '../example-node.fixture.ts'
import { ServiceTimes } from '../service-times.ts'
import { adaptiveSmdp, type SmdpTable, solveSmdp } from './adaptive-smdp.ts'

/** Two rates, two queue lengths, three slacks (0, 10 and 20 ms), three variants. */
function tableOf(value: (rate: number, queued: number, slack: number, variant: number) => number) {
  const actionValues: number[] = []
  for (const rate of [0, 1]) {
    for (const queued of [1, 2]) {
      for (const slack of [0, 1, 2]) {
        for (const variant of [0, 1, 2]) actionValues.push(value(rate, queued, slack, variant))
      }
    }
  }
  return {
    deadlineMs: 20,
    queueStates: 2,
    slackStates: 3,
    variants: 3,
    ratesPerS: [10, 1000],
    actionValues: Float32Array.from(actionValues),
  } satisfies SmdpTable
}

const rates = (ratePerS: number) => Float64Array.of(0, ratePerS, 0, 0)
const unguarded = (table: SmdpTable) => adaptiveSmdp({ table, guard: false })

describe('the table', () => {
  it('is looked up by rate, half way between two of them on a logarithmic scale', () => {
    // The largest wins below 100 a second, the smallest above.
    const policy = unguarded(tableOf((rate, _, __, variant) => (rate === 0 ? variant : -variant)))
    const at = (ratePerS: number) =>
      policy.decide(observationOf({ slacksMs: [15], arrivalRatesPerS: rates(ratePerS) }))
    expect([1, 10, 99].map(at)).toMatchObject([{ variant: 2 }, { variant: 2 }, { variant: 2 }])
    expect([101, 1000, 1e6].map(at)).toMatchObject([{ variant: 0 }, { variant: 0 }, { variant: 0 }])
  })

  it('is looked up by slack, interpolated', () => {
    // At 10 ms the middle one is 1 better, at 20 ms the largest: they meet at 15.
    const policy = unguarded(
      tableOf(
        (_, __, slack, variant) => [0, Number(slack === 1), Number(slack === 2)][variant] ?? 0,
      ),
    )
    const at = (slackMs: number) => policy.decide(observationOf({ slacksMs: [slackMs] }))
    expect([9, 14.9, 15.1, 20, 99].map(at)).toMatchObject(
      [1, 1, 2, 2, 2].map((variant) => ({ variant })),
    )
  })

  it('is looked up by queue length, the longest for any longer', () => {
    const policy = unguarded(
      tableOf((_, queued, __, variant) => (queued === 1 ? variant : -variant)),
    )
    const at = (queued: number) =>
      policy.decide(observationOf({ slacksMs: new Array(queued).fill(20) }))
    expect([1, 2, 3, 50].map(at)).toMatchObject([2, 0, 0, 0].map((variant) => ({ variant })))
  })

  it('can be read at a rate that is known', () => {
    const table = tableOf((rate, _, __, variant) => (rate === 0 ? variant : -variant))
    const policy = adaptiveSmdp({ table, guard: false, ratePerS: () => 1000 })
    expect(policy.decide(observationOf({ slacksMs: [15] }))).toMatchObject({ variant: 0 })
  })

  it('never makes the head late', () => {
    const policy = unguarded(tableOf((_, __, ___, variant) => variant))
    expect(policy.decide(observationOf({ slacksMs: [2.5] }))).toMatchObject({ variant: 1 })
  })
})

describe('the guard', () => {
  const policy = adaptiveSmdp({ table: tableOf((_, __, ___, variant) => variant), guard: true })

  it.each([
    // Head with the largest, rest with the middle: done at 4, 6, 8.
    [[8, 8, 8], 2],
    [[8, 8, 7.9], 1],
    // Head with the middle, rest with the smallest: 2, 3, 4.
    [[4, 4, 3.9], 0],
    [[1, 1, 1], 0],
  ])('allows with slacks %j variant %d', (slacksMs, variant) => {
    expect(policy.decide(observationOf({ slacksMs }))).toMatchObject({ variant })
  })
})

describe('solveSmdp', () => {
  const times = new ServiceTimes(exampleLadder(), { margin: 1 })
  const node = { times, workers: 2, deadlineMs: 20 }

  it('spans loads from a tenth to fourteen times what the largest variant carries', () => {
    const table = solveSmdp({ ...node, queueStates: 3, slackStates: 5, rates: 3 })
    expect(table).toMatchObject({ queueStates: 3, slackStates: 5, variants: 3, deadlineMs: 20 })
    // Two workers and 4 ms: load 1 is 500 a second.
    expect(table.ratesPerS.map((rate) => Math.round(rate))).toEqual([50, 592, 7000])
    expect(table.actionValues).toHaveLength(3 * 3 * 5 * 3)
  })

  it('refuses ladders with batches', () => {
    const batches = new ServiceTimes(exampleLadder([1, 2]))
    expect(() => solveSmdp({ ...node, times: batches })).toThrow('give batch sizes [1]')
  })
})
