import { expect, it } from 'vitest'
import { Random } from '../../../random.ts'
import { SimulatedEnvironment } from '../../../simulation/simulated-environment.ts'
import { heterogeneousWorld } from '../../../simulation/worlds/heterogeneous-world.ts'
import { allAvailable } from '../../environment/availability.ts'
import type { Problem } from '../../environment/environment.ts'
import { observeRound, refresh } from './learning.ts'
import { CHOICES } from './model.fixture.ts'
import { movedModel } from './moved-model.ts'
import { planningInput } from './planning-input.ts'
import { StructuredModel } from './structured-model.ts'

const EDGES = 2

/** A model that has learned from random decisions of a fleet whose devices are called by `names`. */
function learned(names: readonly string[], seed = 1, rounds = 60): StructuredModel {
  const random = new Random(seed)
  const size = { devices: names.length, edges: EDGES, kind: 'classes' as const }
  const world = heterogeneousWorld(size, random)
  const environment = new SimulatedEnvironment({ world, goalPercent: 0, noise: 0.05 })
  const model = new StructuredModel({ ...environment.problem, names })
  let state = environment.reset(seed)
  for (let round = 0; round < rounds; round++) {
    const decision = names.map(() => random.integer(CHOICES))
    const outcome = environment.step(decision)
    model.knowledge.round += 1
    observeRound(model, { state, decision, outcome })
    state = outcome.state
  }
  return model
}

/** Of devices that keep the class they have in the problem. */
function fleetOf(problem: Problem, names: readonly string[], edges = EDGES): Problem {
  const devices = names.length
  const edgeOf = names.map((_, device) => device % edges)
  const classOf = names.map((name) => problem.classOf?.[problem.names?.indexOf(name) ?? -1] ?? 0)
  const stateSize = 3 * (devices + edges + 1)
  return { devices, choices: problem.choices, stateSize, edgeOf, classOf, names }
}

function beliefs(model: StructuredModel) {
  const features = new Float32Array(model.problem.stateSize)
  const state = { features, goalPercent: 0, available: allAvailable(model.problem) }
  const input = planningInput(model, state, { kind: 'expected' }, false)
  const ownMs = (device: number) => [
    ...input.ownTimesMs.slice(device * CHOICES, (device + 1) * CHOICES),
  ]
  return { ownMs, edgeCurvesMs: input.edgeCurvesMs, cloudCurveMs: input.cloudCurveMs }
}

function expectClose(found: readonly number[], expected: readonly number[], share: number) {
  for (const [i, value] of expected.entries()) {
    expect(Math.abs((found[i] ?? Number.NaN) - value)).toBeLessThan(share * Math.abs(value) + 0.5)
  }
}

it('knows devices by their names, in any order, and guesses new ones by their class', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const model = learned(names)
  const before = beliefs(model)
  const moved = movedModel(model, fleetOf(model.problem, ['f', 'new', 'b', 'a']))
  const after = beliefs(moved)
  for (const [place, name] of [
    [0, 'f'],
    [2, 'b'],
    [3, 'a'],
  ] as const) {
    expectClose(after.ownMs(place), before.ownMs(names.indexOf(name)), 0.05)
  }
  const untaught = beliefs(new StructuredModel(fleetOf(model.problem, ['f', 'new', 'b', 'a'])))
  expect(after.ownMs(1)).not.toEqual(untaught.ownMs(1))
  expectClose([...after.cloudCurveMs], [...before.cloudCurveMs].slice(0, 4), 1e-6)
})

it('remembers a device that was away', () => {
  const names = ['a', 'b', 'c', 'd']
  const model = learned(names, 2)
  const before = beliefs(model).ownMs(1)
  const without = movedModel(model, fleetOf(model.problem, ['a', 'c', 'd']))
  expect([...without.knowledge.absent.keys()]).toEqual(['b'])
  const again = movedModel(without, fleetOf(model.problem, ['a', 'c', 'd', 'b']))
  expect(again.knowledge.absent.size).toBe(0)
  // What all devices share was learned anew meanwhile.
  expectClose(beliefs(again).ownMs(3), before, 0.1)
})

it('knows nodes for more devices than there ever were, and for fewer', () => {
  const model = learned(['a', 'b', 'c', 'd', 'e', 'f'], 3)
  const before = beliefs(model)
  const crowd = Array.from({ length: 40 }, (_, device) => `d${device}`)
  const larger = movedModel(model, fleetOf(model.problem, ['a', 'b', 'c', ...crowd]))
  const after = beliefs(larger)
  expectClose([...after.cloudCurveMs].slice(0, 6), [...before.cloudCurveMs], 0.02)
  expect(after.cloudCurveMs.length).toBeGreaterThanOrEqual(43)
  expect(after.cloudCurveMs.every((ms) => Number.isFinite(ms))).toBe(true)
  const smaller = movedModel(larger, fleetOf(model.problem, ['a', 'b']))
  expectClose([...beliefs(smaller).cloudCurveMs].slice(0, 6), [...before.cloudCurveMs], 0.02)
})

it('goes on learning after any number of moves', () => {
  const random = new Random(5)
  const all = Array.from({ length: 12 }, (_, device) => `d${device}`)
  let model = learned(all.slice(0, 6), 4, 20)
  for (let move = 0; move < 30; move++) {
    const names = all.filter(() => random.uniform() < 0.5)
    if (names.length === 0) continue
    model = movedModel(model, fleetOf(model.problem, names, 1 + random.integer(3)))
    const features = new Float32Array(model.problem.stateSize)
    const state = { features, goalPercent: 0, available: allAvailable(model.problem) }
    for (let round = 0; round < 5; round++) {
      const decision = names.map(() => random.integer(CHOICES))
      const responseTimesMs = decision.map(() => 100 * (1 + random.uniform()))
      const outcome = { state, responseTimesMs, accuracyPercent: [], cost: 0 }
      model.knowledge.round += 1
      observeRound(model, { state, decision, outcome })
    }
    const { ownMs, cloudCurveMs } = beliefs(model)
    expect([...names.flatMap((_, device) => ownMs(device)), ...cloudCurveMs]).not.toContain(
      Number.NaN,
    )
    expect(model.knowledge.absent.size + names.length).toBeLessThanOrEqual(12)
  }
})

it('keeps the class of a device that is away, though no other is of it', () => {
  const names = ['a', 'b', 'c']
  const model = learned(names, 6)
  const classOf = [0, 1, 2]
  const all = { ...fleetOf(model.problem, names), classOf }
  const before = movedModel(model, all)
  const { speed } = before.local.spreads[before.groupOf(2)] ?? { speed: Number.NaN }
  const few = movedModel(before, { ...fleetOf(model.problem, ['a']), classOf: [0] })
  refresh(few)
  // Each class has two groups: of devices that told their own times, and of those that did not.
  expect(few.local.groups.length).toBeGreaterThanOrEqual(6)
  expect(few.local.spreads[before.groupOf(2)]?.speed).toBeLessThan(2 * speed + 0.2)
  const again = movedModel(few, all)
  expectClose(beliefs(again).ownMs(2), beliefs(movedModel(learned(names, 6), all)).ownMs(2), 0.1)
})

it('forgets those absent longest when they are too many', () => {
  const names = Array.from({ length: 700 }, (_, device) => `d${device}`)
  let model = new StructuredModel(fleetOf(learned(['a']).problem, names))
  model = movedModel(
    model,
    fleetOf(
      model.problem,
      names.map((name) => `${name}-next`),
    ),
  )
  model = movedModel(model, fleetOf(model.problem, ['only']))
  expect(model.knowledge.absent.size).toBe(1000)
  expect(model.knowledge.absent.has('d0')).toBe(false)
  expect(model.knowledge.absent.has('d699-next')).toBe(true)
})

it.each([
  ['have no names', { names: undefined }],
  ['have the names a, a', { names: ['a', 'a'] }],
  ['now chooses from', { choices: [] }],
] as const)('refuses a fleet whose devices %s', (message, change) => {
  const model = learned(['a', 'b'], 1, 1)
  const { names: _, ...rest } = fleetOf(model.problem, ['a', 'b'])
  const problem = { ...rest, names: ['a', 'b'], ...change } as Problem
  expect(() => movedModel(model, problem)).toThrow(message)
})
