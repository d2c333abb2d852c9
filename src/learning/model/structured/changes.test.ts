import { expect, it } from 'vitest'
import { emptyCell, type Normal } from './cell.ts'
import { doubtCurve, followedCurve, followedRow, type Judged } from './changes.ts'
import type { Row } from './local-times.ts'
import { EDGE, observe, problemOf, stateOf } from './model.fixture.ts'
import { type Curve, estimate } from './node-curve.ts'
import { StructuredModel } from './structured-model.ts'
import type { Told } from './told.ts'
import { freshWatch } from './watch.ts'

/** So sure, so noisy: a deviation of a response from what is believed is 0.3. */
const BELIEF: Normal = { mean: 5, variance: 0.04 }
const NOISE = 0.05
const DEVIATION = 0.3

/** A model of one device, one edge and the cloud after many quiet rounds: a change in a round has a chance of 1 in 31,500. */
function quietModel(): StructuredModel {
  const model = new StructuredModel(problemOf(1))
  model.knowledge.round = 10_000
  model.knowledge.latest.round.fill(9_999)
  model.knowledge.noise.local.count = 20
  model.knowledge.noise.shared.count = 20
  return model
}

function toldAt(surprise: number): Told {
  return { value: BELIEF.mean + surprise * DEVIATION, variance: NOISE }
}

function rowOf(model: StructuredModel, watch = freshWatch<Row>()): Row {
  const offsets = new Float64Array(8)
  return { group: model.groupOf(0), offsets, cells: [{ ...emptyCell(1), precision: 20 }], watch }
}

function judged(surprise: number, more: Partial<Judged> = {}): Judged {
  const told = toldAt(surprise)
  return { variant: 0, told, belief: BELIEF, beliefIn: () => BELIEF, samples: 1, ...more }
}

it('takes a response more than five deviations too fast for a change', () => {
  const model = quietModel()
  const row = rowOf(model)
  expect(followedRow(model, 0, row, judged(-4.9))).toBe(row)
  const changed = followedRow(model, 0, row, judged(-5.1))
  expect(changed).not.toBe(row)
  expect(changed.watch).toMatchObject({ before: row, isFaster: true, changedAt: 10_000 })
  expect(changed.cells).toEqual([])
  expect(changed.speedVariance).toBeCloseTo(0.49, 12)
  expect(changed.offsets).toEqual(model.local.deviations(row))
  expect(model.knowledge.changes).toBe(1)
  expect(model.knowledge.changedAt[0]).toBe(10_000)
  expect(model.found).toEqual([{ resource: 0, became: 'faster' }])
})

it('does not, where the cell has too few samples or the noise is not known', () => {
  const model = quietModel()
  const row = rowOf(model)
  expect(followedRow(model, 0, row, judged(-5.1, { samples: 0.69 }))).toBe(row)
  expect(followedRow(model, 0, row, judged(-5.1, { samples: 0.7 }))).not.toBe(row)
  model.knowledge.noise.local.count = 19
  expect(followedRow(model, 0, row, judged(-5.1))).toBe(row)
  expect(model.knowledge.changes).toBe(1)
})

it('weighs a fast response by the chance of a change since the resource was last used, by hand', () => {
  // Believed, or changed by a deviation of 2 · 0.7: log N(x; 0.09) against log N(x; 0.09 + 1.96).
  const x = 4 * DEVIATION
  const likelihood = 0.5 * (x * x) * (1 / 0.09 - 1 / 2.05) + 0.5 * Math.log(0.09 / 2.05)
  // Evidence beyond 3 once the chance is above e^(3 - likelihood); it is rounds idle / 31,500.
  const rounds = Math.exp(3 - likelihood) * (1500 + 3 * 10_000)
  const isChange = (idle: number) => {
    const model = quietModel()
    model.knowledge.latest.round[0] = 10_000 - idle
    const row = rowOf(model)
    return followedRow(model, 0, row, judged(-4)) !== row
  }
  expect(rounds).toBeGreaterThan(2)
  expect(isChange(Math.floor(rounds))).toBe(false)
  expect(isChange(Math.ceil(rounds))).toBe(true)
})

it('expects more changes where more were found, and where others just changed', () => {
  const row = (model: StructuredModel) => rowOf(model)
  const isChange = (prepare: (model: StructuredModel) => void) => {
    const model = quietModel()
    prepare(model)
    const known = row(model)
    return followedRow(model, 0, known, judged(-3.5)) !== known
  }
  expect(isChange(() => {})).toBe(false)
  expect(isChange(({ knowledge }) => Object.assign(knowledge, { changes: 10_000 }))).toBe(true)
  // One other may be a mistake, and two long ago are nothing.
  expect(isChange(({ knowledge }) => knowledge.changedAt.set([9_990], 1))).toBe(false)
  expect(isChange(({ knowledge }) => knowledge.changedAt.set([9_990, 9_990], 1))).toBe(true)
  expect(isChange(({ knowledge }) => knowledge.changedAt.set([9_979, 9_979], 1))).toBe(false)
})

it('finds a resource slower by four clear surprises, fewer where responses do not repeat', () => {
  const alarmAfter = (repeats: number) => {
    const model = quietModel()
    const row = rowOf(model)
    // Correlation 0.6: what is told is worth a quarter, a surprise half.
    Object.assign(model.knowledge.repeats, {
      count: 100,
      sum: repeats,
      squares: repeats ** 2 / 100,
    })
    for (let step = 1; step < 50; step++) {
      if (followedRow(model, 0, row, judged(4)) === row) continue
      expect(model.found).toEqual([{ resource: 0, became: 'slower' }])
      return step
    }
    return 50
  }
  expect(alarmAfter(0)).toBe(4)
  // Of 4 deviations 2 remain, less the drift 1.5: beyond 9.5 at the seventh.
  expect(alarmAfter(60)).toBe(7)
})

it('is not surprised where its belief is wide', () => {
  const model = quietModel()
  const row = rowOf(model)
  for (let step = 0; step < 20; step++) {
    const wide = { mean: 5, variance: 0.251 }
    expect(followedRow(model, 0, row, judged(9, { belief: wide }))).toBe(row)
  }
  expect(row.watch.slower).toBe(0)
})

it('keeps the newest changes until somebody asks', () => {
  const model = quietModel()
  for (let resource = 0; resource < 20; resource++) model.noteChange(resource, 'slower')
  expect(model.found.map(({ resource }) => resource)).toEqual(
    Array.from({ length: 16 }, (_, index) => index + 4),
  )
})

it('forgets nothing where it is told not to', () => {
  const model = new StructuredModel(problemOf(1), { slowResponses: true, forget: false })
  const row = rowOf(model)
  for (let step = 0; step < 20; step++) expect(followedRow(model, 0, row, judged(-9))).toBe(row)
})

it('takes back what was known before as soon as that explains a response better', () => {
  const model = quietModel()
  const before = { ...rowOf(model), cells: [emptyCell(9_000)] }
  const slowed = () => rowOf(model, freshWatch(before, false, 9_900))
  const beliefIn = (row: Row) => (row === before ? { mean: 4, variance: 0.04 } : BELIEF)
  // By 1 / 0.3 = 3.3 deviations the one, none the other: the logarithm of the ratio is 5.6, of which 3 count.
  const back = followedRow(model, 0, slowed(), judged(-1 / DEVIATION, { beliefIn }))
  expect(back.cells).toBe(before.cells)
  expect(back.watch).toEqual(freshWatch())
  expect(model.knowledge.changes).toBe(1)
  expect(model.found).toEqual([{ resource: 0, became: 'as-before' }])
  // As unlikely by both: nothing speaks for it.
  const slower = slowed()
  expect(followedRow(model, 0, slower, judged(-0.5 / DEVIATION, { beliefIn }))).toBe(slower)
})

it('asks of what was known before only what was known for twenty rounds', () => {
  const model = quietModel()
  const beliefIn = (row: Row) => (row.watch.before ? BELIEF : { mean: 4, variance: 0.04 })
  for (const [since, isBack] of [
    [9_880, true],
    [9_881, false],
  ] as const) {
    const before = { ...rowOf(model), cells: [emptyCell(since)] }
    const slower = rowOf(model, freshWatch(before, false, 9_900))
    const next = followedRow(model, 0, slower, judged(-1 / DEVIATION, { beliefIn }))
    expect(next.watch.before === undefined).toBe(isBack)
  }
})

it('keeps what it learned of other variants of a device that only seemed to be faster', () => {
  const model = quietModel()
  model.knowledge.changes = 1
  const [old, newer, both] = [emptyCell(1), emptyCell(9_950), emptyCell(9_951)]
  const before = { ...rowOf(model), cells: [old, undefined, undefined] }
  const faster = { ...rowOf(model, freshWatch(before, true, 9_940)), cells: [both, newer] }
  const beliefIn = (row: Row) => (row === before ? { mean: 6, variance: 0.04 } : BELIEF)
  const back = followedRow(model, 0, faster, judged(1 / DEVIATION, { beliefIn }))
  expect(back.cells[0]).toBe(old)
  expect(back.cells[1]).toBe(newer)
  expect(back.cells.slice(2).every((cell) => cell === undefined)).toBe(true)
  expect(model.found).toEqual([{ resource: 0, became: 'as-before' }])
  // There was no change.
  expect(model.knowledge.changes).toBe(0)
})

it('follows shared nodes by the same rules', () => {
  const model = quietModel()
  const curve = model.freshCurve(0)
  curve.cells.set(2, { ...emptyCell(1), precision: 1000 })
  const follow = (surprise: number, from = curve): Curve =>
    followedCurve(model, from, 0, 2, toldAt(surprise), BELIEF)
  expect(follow(-4.9)).toBe(curve)
  const faster = follow(-5.1)
  expect(faster.watch).toMatchObject({ before: curve, isFaster: true, changedAt: 10_000 })
  expect(faster.cells.size).toBe(0)
  expect(faster.covariance[0]).toBeCloseTo(curve.covariance[0] + 0.49, 12)
  expect(model.knowledge.changedAt[1]).toBe(10_000)
  // For as many users it was never seen to serve, one response is not enough.
  expect(followedCurve(model, curve, 0, 1, toldAt(-5.1), BELIEF)).toBe(curve)
  // One that only seemed to be faster.
  expect(model.knowledge.changes).toBe(1)
  const wrong = followedCurve(
    model,
    { ...faster, watch: { ...faster.watch } },
    0,
    2,
    { value: curve.mean[1] ?? 0, variance: NOISE },
    { mean: (curve.mean[1] ?? 0) - 9, variance: 0.04 },
  )
  expect(wrong.cells).toBe(curve.cells)
  expect(model.knowledge.changes).toBe(0)
})

/** Of the edge, lone, and how sure. */
function edgeBelief(model: StructuredModel): { ms: number; deviation: number } {
  const curve = model.curveIn(stateOf(model.problem).features, 0)
  const { mean, variance } = estimate(curve, model.knots[0] ?? new Int32Array(), 1)
  return { ms: Math.exp(mean), deviation: Math.sqrt(variance) }
}

it('doubts a node that says it sheds load, and believes the next responses', () => {
  const model = new StructuredModel(problemOf(1))
  const { features } = stateOf(model.problem)
  observe(model, 30, [EDGE], [80])
  const before = edgeBelief(model)
  doubtCurve(model, features, 0)
  const doubted = edgeBelief(model)
  expect(doubted.ms).toBeCloseTo(before.ms, 6)
  expect(doubted.deviation).toBeGreaterThan(0.69)
  expect(model.knowledge.changes).toBe(1)
  observe(model, 2, [EDGE], [800])
  expect(edgeBelief(model).ms).toBeGreaterThan(400)

  // What it was is known still, once it answers so again.
  observe(model, 3, [EDGE], [80])
  expect(edgeBelief(model).ms).toBeLessThan(100)
})

it('doubts nothing of a node that it knows nothing of, or just found to be slower', () => {
  const model = new StructuredModel(problemOf(1))
  const { features } = stateOf(model.problem)
  doubtCurve(model, features, 0)
  expect(model.knowledge.changes).toBe(0)
  observe(model, 30, [EDGE], [80])
  for (let round = 0; round < 9 && model.knowledge.changes === 0; round++)
    observe(model, 1, [EDGE], [800])
  observe(model, 1, [EDGE], [800])
  expect(model.knowledge.changes).toBe(1)
  doubtCurve(model, features, 0)
  expect(model.knowledge.changes).toBe(1)
})
