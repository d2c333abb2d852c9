import { expect, it } from 'vitest'
import { allAvailable } from '../../environment/availability.ts'
import type { Decision, Problem, Transition } from '../../environment/environment.ts'
import { planningInput } from './planning-input.ts'
import { StructuredModel } from './structured-model.ts'

const TABLE_3 = [89.9, 88.2, 84.9, 74.2, 88.9, 87, 83.2, 72.8]
const EDGE = 8
const CLOUD = 9

function problemOf(devices: number, edges = 1): Problem {
  return {
    devices,
    stateSize: 3 * (devices + edges + 1),
    choices: [
      ...TABLE_3.map((accuracyPercent, index) => ({
        placement: { tier: 'end' as const, variant: `d${index}` },
        accuracyPercent,
      })),
      { placement: { tier: 'edge', variant: 'd0' }, accuracyPercent: 89.9 },
      { placement: { tier: 'cloud', variant: 'd0' }, accuracyPercent: 89.9 },
    ],
  }
}

function stateOf(problem: Problem, busy: readonly number[] = [], weak: readonly number[] = []) {
  const features = new Float32Array(problem.stateSize)
  for (const node of busy) features[3 * node] = 1
  for (const node of weak) features[3 * node + 2] = 1
  return { features, goalPercent: 0, available: allAvailable(problem) }
}

function transition(
  model: StructuredModel,
  decision: Decision,
  responseTimesMs: readonly number[],
  state = stateOf(model.problem),
): Transition {
  const accuracyPercent = decision.map(
    (choice) => model.problem.choices[choice]?.accuracyPercent ?? 0,
  )
  return { state, decision, outcome: { state, responseTimesMs, accuracyPercent, cost: 0 } }
}

function observe(
  model: StructuredModel,
  times: number,
  ...round: Parameters<typeof transition> extends [unknown, ...infer Rest] ? Rest : never
) {
  for (let i = 0; i < times; i++) {
    model.knowledge.round += 1
    model.observe(transition(model, ...round))
  }
}

/** Believed response time of one choice of one device, alone on its node. */
function believedMs(
  model: StructuredModel,
  device: number,
  choice: number,
  state = stateOf(model.problem),
) {
  const input = planningInput(model, state, { kind: 'expected' }, true)
  const own = input.ownTimesMs[device * 10 + choice] ?? Number.NaN
  const edge = input.edgeOf[device] ?? 0
  const [node] =
    (choice === EDGE ? input.edgeCurvesMs[edge] : choice === CLOUD ? input.cloudCurveMs : [0]) ?? []
  return own + (node ?? 0)
}

it('comes to believe what it sees, and tells from it of other variants and devices', () => {
  const model = new StructuredModel(problemOf(2))
  observe(model, 30, [7, 0], [150, Number.NaN])
  expect(Math.abs(believedMs(model, 0, 7) - 150)).toBeLessThan(3)
  // d3 computes as much as d7; 150 ms is 2.1 times what was believed of it.
  expect(believedMs(model, 0, 3)).toBeGreaterThan(110)
  expect(believedMs(model, 1, 7)).toBeGreaterThan(110)
  expect(believedMs(model, 0, EDGE)).toBeCloseTo(300, 6)
})

it('splits a node from the links to it', () => {
  const model = new StructuredModel(problemOf(5))
  // The node takes 300 ms for one user; the link of each device adds or saves something.
  for (let round = 0; round < 30; round++) {
    for (const [device, linkMs] of [20, -20, 10, -10, 0].entries()) {
      const decision = [7, 7, 7, 7, 7].map((choice, other) => (other === device ? EDGE : choice))
      const responses = decision.map((choice) => (choice === EDGE ? 300 + linkMs : 80))
      model.observe(transition(model, decision, responses))
    }
  }
  for (const [device, linkMs] of [20, -20, 10, -10, 0].entries()) {
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

it('expects a state never seen to be slower the higher its level', () => {
  const model = new StructuredModel(problemOf(2))
  observe(model, 30, [EDGE, 7], [300, 100])
  const edgeBusy = stateOf(model.problem, [2])
  expect(believedMs(model, 0, EDGE, edgeBusy)).toBeGreaterThan(1.3 * believedMs(model, 0, EDGE))
  expect(believedMs(model, 0, CLOUD, edgeBusy)).toBeCloseTo(believedMs(model, 0, CLOUD), 9)
})

it('learns how much responses scatter', () => {
  const model = new StructuredModel(problemOf(1))
  for (let round = 0; round < 400; round++) {
    model.observe(transition(model, [7], [100 * (1 + (round % 2 === 0 ? 0.03 : -0.03))]))
  }
  const { squares, count } = model.knowledge.noise.local
  expect(Math.abs(Math.sqrt(squares / count) - 0.03)).toBeLessThan(0.01)
})

it('forgets nothing of what was before a slowdown', () => {
  const model = new StructuredModel(problemOf(1))
  observe(model, 30, [7], [100])
  observe(model, 20, [7], [300])
  expect(Math.abs(believedMs(model, 0, 7) - 300)).toBeLessThan(20)
  observe(model, 2, [7], [100])
  expect(Math.abs(believedMs(model, 0, 7) - 100)).toBeLessThan(4)
})

it('favours trying what became slower and has not been used since', () => {
  const model = new StructuredModel(problemOf(2))
  observe(model, 30, [EDGE, 7], [300, 100])
  observe(model, 10, [EDGE, 7], [1200, 100])
  observe(model, 14, [7, 7], [100, 100])
  const probes = (kind: 'expected' | 'optimistic') => {
    const { ownTimesMs } = planningInput(
      model,
      stateOf(model.problem),
      kind === 'expected' ? { kind } : { kind, deviations: 2 },
      true,
    )
    return [...ownTimesMs].filter((ms) => ms < -10_000).length
  }
  expect(probes('optimistic')).toBe(0)
  observe(model, 2, [7, 7], [100, 100])
  expect(probes('optimistic')).toBe(1)
  expect(probes('expected')).toBe(0)
})

it('lets a node have twice the users it had, and closes what is not available', () => {
  const model = new StructuredModel(problemOf(6, 2))
  const capsOf = (isCapped: boolean) => {
    const input = planningInput(model, stateOf(model.problem), { kind: 'drawn', seed: 1 }, isCapped)
    return [...input.edgeCurvesMs, input.cloudCurveMs].map((curve) => curve.length)
  }
  expect(capsOf(true)).toEqual([1, 1, 1])
  expect(capsOf(false)).toEqual([3, 3, 6])
  model.observe(transition(model, [EDGE, CLOUD, EDGE, CLOUD, 7, CLOUD], [1, 1, 1, 1, 1, 1]))
  expect(capsOf(true)).toEqual([3, 1, 6])
  const state = stateOf(model.problem)
  const [first, ...others] = state.available
  const available = [first.with(EDGE, false), ...others]
  const { ownTimesMs } = planningInput(model, { ...state, available }, { kind: 'expected' }, true)
  expect(ownTimesMs[EDGE]).toBe(Number.POSITIVE_INFINITY)
  expect(ownTimesMs[CLOUD]).toBeLessThan(100)
  expect(ownTimesMs[first.length + EDGE]).toBeLessThan(100)
})

it('is saved and restored to the bit', () => {
  const model = new StructuredModel(problemOf(3))
  observe(model, 12, [7, EDGE, CLOUD], [80, 310, 350])
  observe(model, 8, [7, EDGE, CLOUD], [200, 900, 350], stateOf(model.problem, [1], [0]))
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
  const lowestMs = (choice: number) => {
    const state = stateOf(model.problem)
    const input = planningInput(model, state, { kind: 'optimistic', deviations: 2 }, true)
    const [node] = choice === EDGE ? (input.edgeCurvesMs[0] ?? []) : [0]
    return input.ownTimesMs[choice] + (node ?? 0)
  }
  const before = { edge: lowestMs(EDGE), local: lowestMs(0) }
  observe(model, 1, [EDGE, Number.NaN], [3000, Number.NaN])
  observe(model, 1, [0, Number.NaN], [4000, Number.NaN])
  expect(believedMs(model, 0, EDGE)).toBeGreaterThan(600)
  // As if nothing had been seen of it, but for what the link is taken for.
  expect(lowestMs(EDGE)).toBeLessThan(before.edge + 60)
  expect(lowestMs(0)).toBeLessThan(1.5 * before.local)
  observe(model, 4, [EDGE, Number.NaN], [3000, Number.NaN])
  expect(lowestMs(EDGE)).toBeGreaterThan(1500)
})
