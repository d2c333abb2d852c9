import { expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import { hearAnswer, observeRound, refresh } from './learning.ts'
import { believedMs, EDGE, observe, problemOf, stateOf, transitionOf } from './model.fixture.ts'
import { excessOver, inflation, logVariance, smearing } from './noise.ts'
import { StructuredModel } from './structured-model.ts'

/** Lets every device of a fleet run one variant (or the edge) for so many rounds. @param factor of a device's response in a round */
function scattered(
  decision: readonly number[],
  rounds: number,
  factor: (device: number, round: number) => number,
): StructuredModel {
  const model = new StructuredModel(problemOf(decision.length))
  for (let round = 0; round < rounds; round++) {
    observe(
      model,
      1,
      decision,
      decision.map((_, device) => 100 * factor(device, round)),
    )
    refresh(model)
  }
  return model
}

it.each([0.05, 0.2, 0.5])('learns a deviation of %d from the responses of a fleet', (deviation) => {
  const random = new Random(1)
  const { noise } = scattered([7, 6, 5, 4], 400, () =>
    Math.exp(deviation * random.normal()),
  ).knowledge
  // A normal variance is taken for up to 6 % more, since tails are cut off.
  const ratio = Math.sqrt(logVariance(noise.local)) / deviation
  expect(ratio).toBeGreaterThan(0.9)
  expect(ratio).toBeLessThan(1.1)
})

it('learns that responses repeat the one before, and that they do not', () => {
  const random = new Random(2)
  const last = [0, 0, 0]
  const correlation = 0.7
  const repeating = scattered([7, 6, 5], 500, (device) => {
    const next =
      correlation * (last[device] ?? 0) + Math.sqrt(1 - correlation ** 2) * random.normal()
    last[device] = next
    return Math.exp(0.1 * next)
  })
  // r (1 + r) / (1 - r) = 0.7 is r = 0.343, and (1 + r) / (1 - r) = 2.04, less what may be chance.
  expect(inflation(repeating.knowledge.repeats)).toBeGreaterThan(1.7)
  expect(inflation(repeating.knowledge.repeats)).toBeLessThan(2.04)
  const independent = scattered([7, 6, 5], 500, () => Math.exp(0.1 * random.normal()))
  expect(inflation(independent.knowledge.repeats)).toBeLessThan(1.1)
})

it('learns what slows or speeds all resources of a round alike, and that nothing does', () => {
  const random = new Random(3)
  let common = 0
  const alike = scattered([7, 6, 5, 4], 500, (device) => {
    if (device === 0) common = 0.2 * random.normal()
    return Math.exp(common + 0.08 * random.normal())
  })
  // Of 0.2² = 0.04, less two standard errors, and less what is beyond three deviations of the noise.
  const variance = excessOver(alike.knowledge.together, 0)
  expect(variance).toBeGreaterThan(0.025)
  expect(variance).toBeLessThan(0.04)
  // What is left of a response without it is quiet: 0.08, not 0.22.
  expect(Math.sqrt(logVariance(alike.knowledge.noise.local))).toBeLessThan(0.13)
  const each = scattered([7, 6, 5, 4], 500, () => Math.exp(0.2 * random.normal()))
  expect(Math.abs(excessOver(each.knowledge.together, 0))).toBeLessThan(0.002)
})

it('takes off all responses what was common to a round, by hand', () => {
  const model = scattered([7, 7], 30, () => 1)
  const { together, typical, noise } = model.knowledge
  Object.assign(together, { count: 100, sum: 4, squares: 0.16 })
  const { count, log } = typical
  const sigma = logVariance(noise.local)
  const beliefs = [0, 1].map((device) => {
    const { means, variances } = model.local.estimate(
      model.rowIn(stateOf(model.problem).features, device),
    )
    return { mean: means[7] ?? 0, variance: variances[7] ?? 0 }
  })
  const responses = [104, 108]
  const residuals = responses.map((ms, device) => Math.log(ms) - (beliefs[device]?.mean ?? 0))
  const precisions = beliefs.map(({ variance }) => 1 / (sigma + variance))
  const weighted = residuals.reduce((sum, r, device) => sum + r * (precisions[device] ?? 0), 0)
  const total = precisions.reduce((sum, precision) => sum + precision, 0)
  const expected = weighted / (total + 1 / 0.04)
  observe(model, 1, [7, 7], responses)
  // What is typical follows the responses without it.
  let typicalLog = log
  for (const [index, ms] of responses.entries()) {
    typicalLog += (Math.log(ms) - expected - typicalLog) / (count + 1 + index)
  }
  expect(typical.log).toBeCloseTo(typicalLog, 12)
  // One product of two residuals more.
  expect(together.count).toBe(101)
  expect(together.sum).toBeCloseTo(4 + (residuals[0] ?? 0) * (residuals[1] ?? 0), 12)
})

it('takes users of one node for one witness', () => {
  const model = scattered([EDGE, EDGE, EDGE], 20, () => 1)
  expect(model.knowledge.together.count).toBe(0)
  const mixed = scattered([EDGE, EDGE, 7], 20, () => 1)
  expect(mixed.knowledge.together.count).toBeGreaterThan(10)
})

it('tells the tail of one node from what all have in common', () => {
  const random = new Random(4)
  const tail = () => (random.uniform() < 0.1 ? 4 : 1)
  const { tails } = scattered([7, 6, EDGE], 600, (device) =>
    device === 2 ? tail() : Math.exp(0.05 * random.normal()),
  ).knowledge
  const edge = smearing(tails.all, tails.nodes[0] ?? tails.all)
  // One in ten takes four times as long: 1.3 times on average.
  expect(edge).toBeGreaterThan(1.15)
  expect(edge).toBeLessThan(1.4)
  expect(smearing(tails.all, tails.local)).toBeLessThan(1.05)
})

it('follows what is typical of the fleet, a hundred responses long', () => {
  const model = new StructuredModel(problemOf(2))
  observe(model, 1, [7, 7], [50, 50])
  expect(Math.exp(model.knowledge.typical.log)).toBeCloseTo(50, 9)
  for (let round = 0; round < 200; round++) {
    observe(model, 1, [7, 7], [5000, 5000])
    refresh(model)
  }
  expect(model.knowledge.typical.count).toBe(100)
  expect(Math.exp(model.knowledge.typical.log)).toBeGreaterThan(4500)
  expect(model.delays.typicalMs).toBeCloseTo(Math.exp(model.knowledge.typical.log), 9)
})

it('hears answers one by one, of as many users as they say', () => {
  const model = new StructuredModel(problemOf(4))
  const state = stateOf(model.problem)
  const decision = [EDGE, EDGE, EDGE, 7]
  const hear = (device: number, responseTimeMs: number, users?: number) =>
    hearAnswer(model, {
      state,
      decision,
      device,
      responseTimeMs,
      ...(users !== undefined && { users }),
    })
  hear(0, 300)
  expect([...(model.knowledge.curves[0]?.get(0)?.cells.keys() ?? [])]).toEqual([3])
  hear(1, 200, 1.2)
  expect([...(model.knowledge.curves[0]?.get(0)?.cells.keys() ?? [])]).toEqual([3, 1])
  expect(model.knowledge.mostUsers[0]).toBe(3)
  hear(3, 80)
  hear(3, Number.NaN)
  hear(9, 80)
  expect(model.knowledge.typical.count).toBe(3)
  expect(Math.abs(believedMs(model, 3, 7) / 80 - 1)).toBeLessThan(0.1)
})

it('brings an answer under 2.4 users to two by what the curve says between', () => {
  const model = new StructuredModel(problemOf(4))
  const features = stateOf(model.problem).features
  const node = model.curveIn(features, 0)
  const slope = (node.mean[2] ?? 0) - (node.mean[1] ?? 0)
  hearAnswer(model, {
    state: stateOf(model.problem),
    decision: [EDGE, 7, 7, 7],
    device: 0,
    responseTimeMs: 200,
    users: 2.4,
  })
  const cell = model.knowledge.curves[0]?.get(0)?.cells.get(2)
  expect(cell?.values[0]).toBeCloseTo(Math.log(200) - 0.4 * slope, 9)
})

it('learns what all have in common once, whoever asks how often', () => {
  const model = new StructuredModel(problemOf(2))
  observe(model, 3, [7, EDGE], [90, 300])
  expect(model.isStale).toBe(true)
  refresh(model)
  const learned = structuredClone(model.save())
  refresh(model)
  expect(model.save()).toEqual(learned)
})

it('takes what is too short for a clock for a microsecond', () => {
  const model = new StructuredModel(problemOf(1))
  observeRound(model, transitionOf(model, [7], [0]))
  expect(model.knowledge.typical.log).toBeCloseTo(Math.log(1e-3), 9)
})
