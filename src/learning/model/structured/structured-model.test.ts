import { expect, it } from 'vitest'
import { observeRound } from './learning.ts'
import {
  believedMs,
  CLOUD,
  EDGE,
  observe,
  plannedMs,
  problemOf,
  stateOf,
  transitionOf,
} from './model.fixture.ts'
import { logVariance } from './noise.ts'
import { planningInput } from './planning-input.ts'
import { StructuredModel } from './structured-model.ts'

it('believes before it has seen anything what the priors say', () => {
  const model = new StructuredModel(problemOf(2))
  for (const choice of [0, 7, EDGE, CLOUD]) expect(believedMs(model, 1, choice)).toBeCloseTo(100, 9)
  const weak = stateOf(model.problem, [], [0])
  // A weak link adds a fifth of a typical response.
  expect(believedMs(model, 0, 7, weak)).toBeCloseTo(120, 9)
  expect(believedMs(model, 0, EDGE, weak)).toBeCloseTo(120, 9)
  expect(believedMs(model, 1, 7, weak)).toBeCloseTo(100, 9)
})

it('comes to believe what it sees, and tells from it of other variants and devices', () => {
  const model = new StructuredModel(problemOf(2))
  observe(model, 30, [7, 0], [1500, Number.NaN])
  expect(Math.abs(believedMs(model, 0, 7) - 1500)).toBeLessThan(15)
  // Of the same device more than of others.
  expect(believedMs(model, 0, 3)).toBeGreaterThan(1000)
  expect(believedMs(model, 1, 7)).toBeGreaterThan(700)
  // Nodes never seen are expected to be typical of this fleet, not of any.
  expect(Math.abs(believedMs(model, 0, EDGE) / 1500 - 1)).toBeLessThan(0.01)
})

it('splits a node from the links to it', () => {
  const model = new StructuredModel(problemOf(5))
  const links = [20, -20, 10, -10, 0]
  // The node takes 300 ms for one user; the link of each device adds or saves something.
  for (let round = 0; round < 30; round++) {
    for (const [device, linkMs] of links.entries()) {
      const decision = [7, 7, 7, 7, 7].map((choice, other) => (other === device ? EDGE : choice))
      const responses = decision.map((choice) => (choice === EDGE ? 300 + linkMs : 80))
      observe(model, 1, decision, responses)
    }
  }
  for (const [device, linkMs] of links.entries()) {
    expect(Math.abs(believedMs(model, device, EDGE) - 300 - linkMs)).toBeLessThan(4)
  }
})

it('learns what a weak link adds from one variant, and expects it of all', () => {
  const model = new StructuredModel(problemOf(5))
  const weak = stateOf(model.problem, [], [0, 1, 2, 3, 4])
  observe(model, 40, [7, 7, 7, 7, 7], [70, 70, 70, 70, 70])
  observe(model, 40, [0, 0, 0, 0, 0], [400, 400, 400, 400, 400])
  observe(model, 40, [7, 7, 7, 7, 7], [160, 160, 160, 160, 160], weak)
  expect(Math.abs(believedMs(model, 0, 7, weak) - 160)).toBeLessThan(4)
  expect(Math.abs(believedMs(model, 0, 0, weak) - 490)).toBeLessThan(25)
  expect(Math.abs(believedMs(model, 0, 0) - 400)).toBeLessThan(8)
})

it('keeps a belief for every state of a processor', () => {
  const model = new StructuredModel(problemOf(2))
  const busy = stateOf(model.problem, [0])
  observe(model, 30, [7, 7], [100, 100])
  observe(model, 30, [7, 7], [180, 100], busy)
  expect(Math.abs(believedMs(model, 0, 7) - 100)).toBeLessThan(3)
  expect(Math.abs(believedMs(model, 0, 7, busy) - 180)).toBeLessThan(5)
  expect(Math.abs(believedMs(model, 1, 7, busy) - 100)).toBeLessThan(3)
})

it('expects a state never seen to be slower the higher its level, and is less sure of it', () => {
  const model = new StructuredModel(problemOf(2))
  observe(model, 30, [EDGE, 7], [300, 100])
  const edgeBusy = stateOf(model.problem, [0, 2])
  // Eight levels of 5 % each, on top of what is believed of the state it was last seen in.
  for (const [device, choice] of [
    [0, EDGE],
    [0, CLOUD],
  ] as const) {
    const factor = believedMs(model, device, choice, edgeBusy) / believedMs(model, device, choice)
    expect(factor).toBeCloseTo(choice === EDGE ? Math.exp(0.4) : 1, 2)
  }
  const hopeful = { kind: 'optimistic', deviations: 1 } as const
  const gain = (state = stateOf(model.problem)) =>
    plannedMs(model, 0, EDGE, hopeful, state) / believedMs(model, 0, EDGE, state)
  expect(gain(edgeBusy)).toBeLessThan(0.8 * gain())
})

it('learns how much responses scatter', () => {
  const model = new StructuredModel(problemOf(1))
  for (let round = 0; round < 600; round++) {
    observe(model, 1, [7], [100 * (1 + (round % 2 === 0 ? 0.03 : -0.03))])
  }
  expect(Math.abs(Math.sqrt(logVariance(model.knowledge.noise.local)) - 0.03)).toBeLessThan(0.007)
})

it('forgets nothing of what was before a slowdown', () => {
  const model = new StructuredModel(problemOf(1))
  observe(model, 30, [7], [100])
  observe(model, 20, [7], [300])
  expect(model.slowed).toBe(1)
  expect(Math.abs(believedMs(model, 0, 7) - 300)).toBeLessThan(20)
  observe(model, 2, [7], [100])
  expect(Math.abs(believedMs(model, 0, 7) - 100)).toBeLessThan(4)
  expect(model.slowed).toBe(0)
})

it('believes at once in a node or a device that became four times faster', () => {
  const model = new StructuredModel(problemOf(2))
  observe(model, 30, [EDGE, 7], [400, 800])
  observe(model, 2, [EDGE, 7], [100, 200])
  expect(Math.abs(believedMs(model, 0, EDGE) / 100 - 1)).toBeLessThan(0.25)
  expect(Math.abs(believedMs(model, 1, 7) / 200 - 1)).toBeLessThan(0.25)
  // The device's other variants too, of which nothing was seen since.
  expect(believedMs(model, 1, 0)).toBeLessThan(450)
})

it('forgets nothing at all where it is told not to', () => {
  const model = new StructuredModel(problemOf(1), { slowResponses: false, forget: false })
  observe(model, 30, [7], [100])
  observe(model, 30, [7], [400])
  expect(model.slowed).toBe(0)
  // The mean of the logarithms, all samples alike.
  expect(Math.abs(believedMs(model, 0, 7) / 200 - 1)).toBeLessThan(0.35)
})

it('tells from two groups apart who told its own times and who did not', () => {
  const localTimesMs = [[20, 40, 60, 80, 20, 40, 60, 80], undefined]
  const model = new StructuredModel(problemOf(2, 1, { localTimesMs, classOf: [1, 1] }))
  expect([model.groupOf(0), model.groupOf(1)]).toEqual([3, 2])
  expect(believedMs(model, 0, 2)).toBeCloseTo(60, 9)
  expect(believedMs(model, 1, 2)).toBeCloseTo(100, 9)
  // Half as much again as it told, in one variant: so in all.
  observe(model, 10, [0, CLOUD], [30, Number.NaN])
  expect(Math.abs(believedMs(model, 0, 3) / 120 - 1)).toBeLessThan(0.2)
})

it('is saved and restored to the bit', () => {
  const model = new StructuredModel(problemOf(3))
  observe(model, 12, [7, EDGE, CLOUD], [80, 310, 350])
  observe(model, 8, [7, EDGE, CLOUD], [200, 900, 350], stateOf(model.problem, [1], [0]))
  // As an agent does: what all devices share is learned anew before.
  planningInput(model, stateOf(model.problem), { kind: 'expected' }, true)
  const saved = structuredClone(model.save())
  const restored = new StructuredModel(problemOf(3))
  restored.restore(saved)
  for (const subject of [model, restored]) observe(subject, 5, [6, 7, EDGE], [120, 90, 330])
  expect(restored.save()).toEqual(model.save())
  const view = { kind: 'drawn', seed: 3 } as const
  const state = stateOf(model.problem)
  expect(planningInput(restored, state, view, true)).toEqual(
    planningInput(model, state, view, true),
  )
})

it('tries again what looked slow in every response, until one agrees with another', () => {
  const model = new StructuredModel(problemOf(2))
  const lowestMs = (choice: number) =>
    plannedMs(model, 0, choice, { kind: 'optimistic', deviations: 2 })
  // What else it knows: the fleet takes about 300 ms.
  observe(model, 8, [1, 1], [300, 300])
  const before = { edge: lowestMs(EDGE), local: lowestMs(0) }
  observe(model, 1, [EDGE, Number.NaN], [4000, Number.NaN])
  observe(model, 1, [0, Number.NaN], [4000, Number.NaN])
  expect(believedMs(model, 0, 0)).toBeGreaterThan(350)
  expect(lowestMs(0)).toBeLessThan(1.5 * before.local)
  expect(lowestMs(EDGE)).toBeLessThan(1.5 * before.edge + 60)
  observe(model, 4, [EDGE, 0], [4000, 4000])
  expect(lowestMs(EDGE)).toBeGreaterThan(1500)
  expect(plannedMs(model, 1, 0, { kind: 'optimistic', deviations: 2 })).toBeGreaterThan(1500)
})

it('learns nothing from answers that never came', () => {
  const model = new StructuredModel(problemOf(2))
  observe(model, 3, [7, EDGE], [80, 300])
  const before = structuredClone(model.save())
  const nothing = [Number.NaN, Number.POSITIVE_INFINITY]
  for (const responses of [nothing, [], [-1, Number.NaN]]) {
    observeRound(model, transitionOf(model, [7, EDGE], responses))
  }
  expect(model.save()).toEqual(before)
})
