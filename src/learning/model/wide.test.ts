import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { HYBRID } from '../agents/hyperparameters.ts'
import type { Problem } from '../environment/environment.ts'
import { decisionOf } from '../environment/feasible.ts'
import { WideModel, type WideOptions } from './wide.ts'

function problemOf(devices: number, choices: number): Problem {
  return {
    devices,
    stateSize: 2,
    choices: Array.from({ length: choices }, (_, index) => ({
      placement: { tier: 'end' as const, variant: `m${index}` },
      accuracyPercent: 80,
    })),
  }
}

/** A level that is all but unknown, and nothing else: no outlier, nothing forgotten. */
const PLAIN: WideOptions = {
  scaleRows: 1,
  base: 1,
  choice: 0,
  own: 0,
  occupancy: 0,
  state: 1,
  noise: 1,
  noiseRows: 4,
  leastNoise: 0,
  memory: Number.POSITIVE_INFINITY,
  clip: 1e9,
}
const STILL = Float32Array.of(0, 0)

describe('the scale', () => {
  it('is the mean of the first rows, and no later one moves it', () => {
    const model = new WideModel(problemOf(1, 2), { ...PLAIN, scaleRows: 3 })
    const scaleAfter = (ms: number) => {
      model.observe(STILL, [0], ms)
      return model.save().scaleMs
    }
    expect(model.isEmpty).toBe(true)
    expect([30, 60, 90, 900].map(scaleAfter)).toEqual([30, 45, 60, 60])
    expect(model.isEmpty).toBe(false)
  })

  it('counts a round told device by device once, as its mean', () => {
    const model = new WideModel(problemOf(2, 2), { ...PLAIN, scaleRows: 2 })
    model.observe(STILL, [0, 1], [10, 30])
    model.observe(STILL, [0, 1], 40)
    expect(model.save().scaleMs).toBe(30)
  })

  it('is 1 ms where the first rows took no time at all', () => {
    const model = new WideModel(problemOf(1, 2), PLAIN)
    model.observe(STILL, [0], 0)
    expect(model.save().scaleMs).toBe(1)
    expect(model.in(STILL).expected([0])).toBeLessThan(1)
  })

  it('makes no difference to what is learned: the first rows are learned anew with it', () => {
    const [first, second] = [100, 300]
    const model = new WideModel(problemOf(1, 1), { ...PLAIN, scaleRows: 2 })
    for (const ms of [first, second]) model.observe(STILL, [0], ms)
    // Scale 200: rows 0.5 and 1.5, each divided by itself; prior 1 ± 1 and noise 1.
    // precision 1 + 1/0.25 + 1/2.25 = 49/9; mean (1 + 0.5/0.25 + 1.5/2.25) ÷ that = (11/3) · (9/49) = 33/49
    expect(model.in(STILL).expected([0])).toBeCloseTo((200 * 33) / 49, 9)
    expect(model.in(STILL).deviation([0]) ** 2).toBeCloseTo(
      (200 ** 2 * 9 * model.save().posterior.squares) / 49 / model.save().posterior.rows,
      6,
    )
  })
})

describe('what is believed', () => {
  it('is, by hand, the posterior of a level and of a choice', () => {
    const model = new WideModel(problemOf(1, 2), { ...PLAIN, choice: 1 })
    model.observe(STILL, [0], 100)
    // The scale makes the first row 1, as the prior expects: means stay, the variance of [0] falls from 2 to 2 − 2²/3.
    const view = model.in(STILL)
    expect(view.expected([0])).toBeCloseTo(100, 9)
    // No residual: 4 rows of 1 become 5 of 4/5, and the deviation is √(2/3 · 4/5) of the scale.
    expect(view.deviation([0])).toBeCloseTo(100 * Math.sqrt((2 / 3) * (4 / 5)), 9)
    // [1] shares the level alone: 2 − 1²/3.
    expect(view.deviation([1])).toBeCloseTo(100 * Math.sqrt((5 / 3) * (4 / 5)), 9)
    // The difference of both does not have it: variance of w0 − w1 is 2 − 1²/3.
    expect(view.deviation([0], [1])).toBeCloseTo(100 * Math.sqrt((5 / 3) * (4 / 5)), 9)
    expect(view.deviation([1], [1])).toBe(0)
  })

  it('is the prior where nothing was observed', () => {
    const view = new WideModel(problemOf(2, 2), PLAIN).in(STILL)
    // In units of a scale that is not known yet.
    expect([...view.means()]).toEqual([0, 0, 0, 0])
  })

  it('has its noise never below the least', () => {
    const problem = problemOf(1, 2)
    const noisy = new WideModel(problem, { ...PLAIN, noise: 0.01, leastNoise: 0.5, choice: 1 })
    const free = new WideModel(problem, { ...PLAIN, noise: 0.01, leastNoise: 0, choice: 1 })
    for (const model of [noisy, free]) {
      for (let row = 0; row < 50; row++) model.observe(STILL, [0], 100)
    }
    const ratio = noisy.in(STILL).deviation([1]) / free.in(STILL).deviation([1])
    // 4 rows of 0.01² and 50 without any residual, against the floor.
    expect(ratio).toBeCloseTo(0.5 / (0.01 * Math.sqrt(4 / 54)), 6)
  })

  it('weighs a row by what it tells as a share of itself, of tiny ones by a share of the scale', () => {
    const model = new WideModel(problemOf(1, 1), { ...PLAIN, scaleRows: 1 })
    model.observe(STILL, [0], 100)
    model.observe(STILL, [0], 0)
    // After the first row: 1 with precision 2. The second counts as 0 with precision 1/0.02² = 2500.
    expect(model.in(STILL).expected([0])).toBeCloseTo((100 * 2) / 2502, 9)
  })
})

describe('all decisions at once', () => {
  it('are believed to take what each takes by itself (fuzz)', () => {
    const random = new Random(2)
    const problem = problemOf(3, 3)
    const model = new WideModel(problem, HYBRID.wide)
    for (let row = 0; row < 40; row++) {
      const features = Float32Array.of(random.integer(2), random.uniform())
      const decision = decisionOf(random.integer(27), problem)
      const timesMs = decision.map((choice) => 50 + 40 * choice + 5 * random.normal())
      model.observe(features, decision, row % 2 === 0 ? timesMs : timesMs[0])
    }
    const view = model.in(Float32Array.of(1, 0.5))
    for (const [index, ms] of view.means().entries()) {
      expect(ms).toBeCloseTo(view.expected(decisionOf(index, problem)), 3)
    }
  })

  it('are drawn as it is unsure, and not at all with no spread', () => {
    const problem = problemOf(1, 2)
    const model = new WideModel(problem, { ...PLAIN, choice: 1 })
    model.observe(STILL, [0], 100)
    const view = model.in(STILL)
    const random = new Random(3)
    const draws = Array.from({ length: 4000 }, () => view.draw(random, 1)[1])
    const average = draws.reduce((sum, ms) => sum + ms, 0) / draws.length
    const squares = draws.reduce((sum, ms) => sum + (ms - average) ** 2, 0) / draws.length
    expect(average / view.expected([1])).toBeCloseTo(1, 1)
    expect(Math.sqrt(squares) / view.deviation([1])).toBeCloseTo(1, 1)
    expect([...view.draw(random, 0)]).toEqual([...view.means()])
  })

  it('have, of a draw, the best that the draw itself has', () => {
    const problem = problemOf(2, 3)
    const model = new WideModel(problem, HYBRID.wide)
    model.observe(STILL, [0, 1], [80, 100])
    const allowed = Uint32Array.of(1, 4, 5, 8)
    const more = Float32Array.from({ length: 9 }, (_, index) => (index === 5 ? 0 : 1))
    for (let seed = 0; seed < 50; seed++) {
      const view = model.in(STILL)
      const costs = view.draw(new Random(seed), 1)
      const best = (of: (index: number) => number) =>
        [...allowed].reduce((a, b) => (of(b) < of(a) ? b : a))
      expect(view.drawBest(new Random(seed), 1, allowed)).toBe(best((index) => costs[index]))
      expect(view.drawBest(new Random(seed), 1, allowed, more, 40)).toBe(
        best((index) => costs[index] + 40 * more[index]),
      )
    }
  })
})

describe('the state', () => {
  it('gets weights for a feature only once it moves', () => {
    const model = new WideModel(problemOf(1, 2), PLAIN)
    const sizeAfter = (...features: readonly number[]) => {
      model.observe(Float32Array.from(features), [0], 100)
      return model.save().posterior.mean.length
    }
    // One, two choices, two of the device's own, and one more on each choice; own ones again for each that moves.
    expect(sizeAfter(0.5, 0)).toBe(7)
    expect(sizeAfter(0.5, 0)).toBe(7)
    expect(sizeAfter(0.5, 1)).toBe(12)
    expect(sizeAfter(0.5, 0.2)).toBe(12)
    expect(sizeAfter(0, 1)).toBe(17)
    expect(model.save().moved).toEqual([1, 0])
  })

  it('tells apart what a busy processor adds', () => {
    const model = new WideModel(problemOf(1, 2), { ...HYBRID.wide, noise: 0.01 })
    for (let row = 0; row < 60; row++) {
      const busy = row % 2
      const choice = row % 3 === 0 ? 1 : 0
      const ms = 100 + 100 * busy + 50 * choice
      model.observe(Float32Array.of(busy, 0), [choice], ms)
    }
    for (const [busy, choice, ms] of [
      [0, 0, 100],
      [0, 1, 150],
      [1, 0, 200],
      [1, 1, 250],
    ] as const) {
      const believedMs = model.in(Float32Array.of(busy, 0)).expected([choice])
      expect(Math.abs(believedMs / ms - 1)).toBeLessThan(0.02)
    }
  })

  it('is compared with the first one met, whatever that is', () => {
    const moved = new WideModel(problemOf(1, 2), PLAIN)
    moved.observe(Float32Array.of(1, 1), [0], 100)
    expect([...moved.save().origin]).toEqual([1, 1])
    expect(moved.save().moved).toEqual([])
  })

  it('is kept by value: the caller may write over its array', () => {
    const features = Float32Array.of(0, 0)
    const model = new WideModel(problemOf(1, 2), { ...PLAIN, scaleRows: 2 })
    model.observe(features, [0], 100)
    features[0] = 1
    model.observe(features, [0], 100)
    expect([...model.save().origin]).toEqual([0, 0])
    expect(model.save().moved).toEqual([0])
  })
})

it('continues after restore as if never interrupted, within the first rows and after', () => {
  for (const rows of [2, 20]) {
    const random = new Random(4)
    const problem = problemOf(2, 2)
    const step = (...models: readonly WideModel[]) => {
      const features = Float32Array.of(random.integer(2), 0)
      const decision = [random.integer(2), random.integer(2)]
      const timesMs = [50 + 10 * random.uniform(), 90 + 10 * random.uniform()]
      for (const model of models) model.observe(features, decision, timesMs)
    }
    const model = new WideModel(problem, HYBRID.wide)
    for (let row = 0; row < rows; row++) step(model)
    const saved = model.save()
    const before = structuredClone(saved)
    const other = new WideModel(problem, HYBRID.wide)
    other.restore(saved)
    expect(other.save()).toEqual(before)
    for (let row = 0; row < 10; row++) step(model, other)
    expect(other.save()).toEqual(model.save())
    expect(saved).toEqual(before)
  }
})

it('expects of a decision in a state what a view of that state does, bit for bit', () => {
  const problem = problemOf(2, 3)
  const model = new WideModel(problem, HYBRID.wide)
  const random = new Random(3)
  const drawn = () => Float32Array.of(random.uniform(), Math.round(random.uniform()))
  for (let round = 0; round < 40; round++) {
    model.observe(drawn(), decisionOf(round % 9, problem), 50 + 10 * random.normal())
  }
  for (let action = 0; action < 9; action++) {
    const state = drawn()
    const decision = decisionOf(action, problem)
    expect(model.expected(state, decision)).toBe(model.in(state).expected(decision))
  }
})
