import { describe, expect, it } from 'vitest'
import {
  bestDecision,
  bruteForce,
  OracleAgent,
  predictProfile,
} from '../learning/agents/baselines/oracle.ts'
import { plan } from '../learning/planner/plan.ts'
import { Random } from '../random.ts'
import { SimulatedEnvironment, type SimulationOptions } from './simulated-environment.ts'
import type { World } from './world.ts'
import { tabulatedWorld } from './worlds/heterogeneous-world.ts'
import { DEFAULT_CHOICES, paperWorld } from './worlds/paper-world.ts'
import { SMALL } from './worlds/small-world.fixture.ts'

const base: SimulationOptions = { devices: 5, scenario: 'A', goalPercent: 85, seed: 1 }
const simulate = (options: Partial<SimulationOptions> = {}) =>
  new SimulatedEnvironment({ ...base, ...options })
/** Index of a choice: end/d0 … end/d7, then the edge and the cloud. */
const [D0, D7, EDGE, CLOUD] = [0, 7, 8, 9]
const SMALL_WORLD = { world: tabulatedWorld(SMALL), goalPercent: 85, noise: 0 }
const wander = { linkFlip: 0.1, levelMove: 0.3, busyFlip: 0.1 }

describe('SimulatedEnvironment', () => {
  it('has the problem of the paper', () => {
    const { problem } = simulate()
    expect(problem).toEqual({
      devices: 5,
      choices: DEFAULT_CHOICES,
      stateSize: 21,
      edgeOf: [0, 0, 0, 0, 0],
    })
    expect(DEFAULT_CHOICES.map(({ accuracyPercent }) => accuracyPercent)).toEqual([
      89.9, 88.2, 84.9, 74.2, 88.9, 87, 83.2, 72.8, 89.9, 89.9,
    ])
  })

  it('tells a planner what it tells the oracle', () => {
    const environment = simulate({ scenario: 'B', edges: 2, noise: 0 })
    const { ownTimesMs, edgeOf, edgeCurvesMs, cloudCurveMs, goalPercent } =
      environment.planningProblem()
    expect([...edgeOf]).toEqual([0, 1, 0, 1, 0])
    expect(goalPercent).toBe(85)
    const own = (device: number, choice: number) => ownTimesMs[device * 10 + choice] ?? Number.NaN
    const [first = [], second = []] = edgeCurvesMs.map((curve) => [...curve])
    const expected = [
      own(0, EDGE) + (first[1] ?? 0),
      own(1, EDGE) + (second[0] ?? 0),
      own(2, EDGE) + (first[1] ?? 0),
      own(3, CLOUD) + (cloudCurveMs[0] ?? 0),
      own(4, D7),
    ]
    const times = environment.expectedResponseTimesMs([EDGE, EDGE, EDGE, CLOUD, D7])
    for (const [device, ms] of times.entries()) expect(expected[device]).toBeCloseTo(ms, 9)
  })

  it('steps without noise to the expected response time', () => {
    const environment = simulate({ noise: 0 })
    const decision = [D0, EDGE, CLOUD, D7, EDGE]
    const outcome = environment.step(decision)
    expect(outcome.responseTimesMs).toEqual(environment.expectedResponseTimesMs(decision))
    expect(outcome.cost).toBe(environment.expectedResponseTimeMs(decision))
    // 464.866 + 2 · (58.6 + 292.4 · 1.85) + 375 + 72.212, over five
    expect(outcome.cost).toBeCloseTo((464.866 + 2 * 599.54 + 375 + 72.212) / 5, 6)
  })

  it('has noise of the stated size around the expected times, independent between devices', () => {
    const environment = simulate({ noise: 0.04 })
    const decision = [D0, EDGE, CLOUD, D7, D7]
    const expected = environment.expectedResponseTimesMs(decision)
    const rounds = 4000
    const sums = [0, 0, 0, 0, 0]
    const squares = [0, 0, 0, 0, 0]
    let product = 0
    for (let round = 0; round < rounds; round++) {
      const errors = environment
        .step(decision)
        .responseTimesMs.map((ms, device) => ms / (expected[device] ?? 1) - 1)
      for (const [device, error] of errors.entries()) {
        sums[device] = (sums[device] ?? 0) + error
        squares[device] = (squares[device] ?? 0) + error * error
      }
      product += (errors[0] ?? 0) * (errors[1] ?? 0)
    }
    for (const sum of sums) expect(Math.abs(sum / rounds)).toBeLessThan(0.003)
    for (const square of squares) expect(Math.sqrt(square / rounds)).toBeCloseTo(0.04, 2)
    expect(Math.abs(product / rounds / 0.0016)).toBeLessThan(0.06)
  })
})

describe('A simulated run', () => {
  it('expects without drawing: looking does not change the run', () => {
    const looked = simulate({ wander })
    const plain = simulate({ wander })
    const decision = [EDGE, D0, D7, D7, CLOUD]
    for (let round = 0; round < 20; round++) {
      looked.expectedResponseTimeMs([EDGE, EDGE, EDGE, EDGE, EDGE])
      looked.profile()
      expect(looked.step(decision)).toEqual(plain.step(decision))
    }
  })

  it('wanders the same way whatever the noise and the decisions', () => {
    const noisy = simulate({ wander, noise: 0.1 })
    const exact = simulate({ wander, noise: 0 })
    for (let round = 0; round < 20; round++) {
      const { state } = noisy.step([D0, D0, D0, D0, D0])
      expect(exact.step([D7, D7, EDGE, EDGE, CLOUD]).state).toEqual(state)
    }
  })

  it('starts as reset with its own seed does', () => {
    const fresh = simulate({ seed: 3, wander })
    const used = simulate({ seed: 8, wander })
    used.step([D0, D0, D0, D0, D0])
    expect(used.reset(3)).toEqual(fresh.currentState())
    expect(used.step([D7, D7, D7, D7, D7])).toEqual(fresh.step([D7, D7, D7, D7, D7]))
  })
})

describe('What changes in a simulated fleet', () => {
  it('charges the penalty only below the goal, and only in the penalty regime', () => {
    const below = [D7, D7, D7, D7, D7]
    const met = [D0, D0, D0, D0, D0]
    const penalty = simulate({ noise: 0, penaltyMs: 600 })
    expect(penalty.step(below).cost).toBe(600)
    expect(penalty.step(below).responseTimesMs[0]).toBeCloseTo(72.212, 6)
    expect(penalty.step(met).cost).toBeCloseTo(464.866, 6)
    expect(simulate({ noise: 0 }).step(below).cost).toBeCloseTo(72.212, 6)
    // Exactly the goal is enough: Max is all d0.
    expect(simulate({ noise: 0, goalPercent: 89.9, penaltyMs: 600 }).step(met).cost).toBeLessThan(
      500,
    )
  })

  it('tells of a changed goal and of a tier that dies and returns', () => {
    const environment = simulate()
    environment.setGoal(89)
    expect(environment.currentState().goalPercent).toBe(89)
    environment.setTierAlive('cloud', false)
    const { available } = environment.step([D0, D0, D0, D0, EDGE]).state
    for (const open of available) {
      expect(open.flatMap((isUp, choice) => (isUp ? [] : [choice]))).toEqual([CLOUD])
    }
    expect(environment.planningProblem().ownTimesMs[CLOUD]).toBe(Number.POSITIVE_INFINITY)
    expect(() => environment.step([D0, D0, D0, D0, CLOUD])).toThrow('choice 9 is not available')
    environment.setTierAlive('cloud', true)
    expect(environment.step([D0, D0, D0, D0, CLOUD]).state.available.flat()).not.toContain(false)
  })

  it('takes the step in the state that was known before it', () => {
    const environment = simulate({ noise: 0, wander: { linkFlip: 1, levelMove: 0, busyFlip: 0 } })
    const regular = environment.step([D7, D7, D7, D7, D7])
    expect(regular.cost).toBeCloseTo(72.212, 6)
    expect(regular.state.features[2]).toBe(1)
    expect(environment.step([D7, D7, D7, D7, D7]).cost).toBeCloseTo(72.212 + 77 + 6, 6)
  })

  it('keeps a state of one’s own until reset', () => {
    const environment = simulate({ noise: 0 })
    const busy = { processor: 1, memory: 0, bandwidth: 0 }
    const loaded = { processor: 8, memory: 0, bandwidth: 0 }
    environment.setFleet({ devices: Array(5).fill(busy), edges: [loaded], cloud: loaded })
    const { cost, state } = environment.step([D7, D7, D7, D7, D7])
    expect(cost).toBeCloseTo(58.6 + 1.5 * 13.612, 6)
    expect([...state.features.slice(12)]).toEqual([1, 0, 0, 1, 0, 0, 1, 0, 0])
    environment.reset(1)
    expect(environment.step([D7, D7, D7, D7, D7]).cost).toBeCloseTo(72.212, 6)
  })
})

describe('A simulation that cannot be', () => {
  it.each([
    [{ devices: 0 }, 'devices is 0'],
    [{ devices: 2.5 }, 'devices is 2.5'],
    [{ edges: 0 }, 'edges is 0'],
    [{ goalPercent: 101 }, 'goalPercent is 101'],
    [{ goalPercent: Number.NaN }, 'goalPercent is NaN'],
    [{ noise: -0.1 }, 'noise is -0.1'],
    [{ noise: 1 }, 'noise is 1'],
    [{ choices: [] }, 'choices is empty'],
    [{ held: [['d0']] }, 'held is of 1 devices'],
    [
      { choices: [{ placement: { tier: 'end', variant: 'resnet' }, accuracyPercent: 80 }] },
      'how long end/resnet takes: give the choice its megaMacs',
    ],
  ] as const)('rejects %j', (options, message) => {
    expect(() => simulate(options)).toThrow(message)
  })

  it('rejects a fleet state of another size or beyond Table II', () => {
    const environment = simulate()
    const node = { processor: 0, memory: 0, bandwidth: 0 }
    const devices = Array(5).fill(node)
    expect(() => environment.setFleet({ devices: [node], edges: [node], cloud: node })).toThrow(
      '1 devices and 1 edges: give 5 and 1',
    )
    const beyond = { devices, edges: [node], cloud: { ...node, processor: 9 } }
    expect(() => environment.setFleet(beyond)).toThrow('beyond Table II')
  })
})

describe('The profile of a simulated fleet', () => {
  it.each([1, 2, 3, 4])('predicts every decision in a wandering state (seed %i)', (seed) => {
    const environment = simulate({ devices: 6, edges: 2, seed, wander })
    const random = new Random(seed)
    for (let round = 0; round < 30; round++) {
      const decision = Array.from({ length: 6 }, () => random.integer(10))
      const predicted = predictProfile(environment.profile(), environment.problem, decision)
      const expected = environment.expectedResponseTimesMs(decision)
      expect(predicted.map((ms) => ms.toFixed(9))).toEqual(expected.map((ms) => ms.toFixed(9)))
      environment.step(decision)
    }
  })

  it('leads the oracle to the brute-force optimum in every state', () => {
    const environment = simulate({ devices: 4, edges: 2, scenario: 'C', wander })
    for (let round = 0; round < 10; round++) {
      const { available, goalPercent } = environment.currentState()
      const evaluate = (decision: readonly number[]) => environment.expectedResponseTimeMs(decision)
      const expected = bruteForce(environment.problem, evaluate, goalPercent, available)
      const best = bestDecision(environment.problem, environment.profile(), goalPercent, available)
      expect(best.responseTimeMs).toBeCloseTo(expected.responseTimeMs, 9)
      environment.step(best.decision)
    }
  })

  it('serves a fleet of twelve with three edges, goal met', () => {
    const environment = simulate({
      devices: 12,
      edges: 3,
      scenario: 'B',
      goalPercent: 89.9,
      noise: 0,
    })
    const agent = new OracleAgent(environment.problem, environment.profile())
    const { cost, accuracyPercent } = environment.step(agent.decide(environment.currentState()))
    expect(accuracyPercent).toEqual(Array(12).fill(89.9))
    const alone = environment.expectedResponseTimeMs(Array(12).fill(D0))
    expect(cost).toBeLessThan(alone)
  })

  it('holds several variants of a shared tier', () => {
    const light = { accuracyPercent: 88.9, megaMacs: 569, precision: 'INT8' } as const
    const choices = [
      ...DEFAULT_CHOICES,
      { ...light, placement: { tier: 'edge', variant: 'd4' } } as const,
      { ...light, placement: { tier: 'cloud', variant: 'd4' } } as const,
    ]
    const environment = simulate({ devices: 3, choices, wander, goalPercent: 89 })
    for (let round = 0; round < 10; round++) {
      const { available, goalPercent } = environment.currentState()
      const evaluate = (decision: readonly number[]) => environment.expectedResponseTimeMs(decision)
      const expected = bruteForce(environment.problem, evaluate, goalPercent, available)
      const best = bestDecision(environment.problem, environment.profile(), goalPercent, available)
      expect(best.responseTimeMs).toBeCloseTo(expected.responseTimeMs, 9)
      expect(plan(environment.planningProblem()).responseTimeMs).toBeCloseTo(best.responseTimeMs, 9)
      environment.step(best.decision)
    }
  })
})

describe('What happens in any world', () => {
  it('changes the speed of devices, edges and the cloud, seen or unseen, until the next start', () => {
    const environment = new SimulatedEnvironment(SMALL_WORLD)
    environment.setFactor(0, 2)
    environment.setFactor(2, 4, 0.5)
    environment.setFactor(3, 3, 1)
    expect(environment.expectedResponseTimesMs([0, 8])).toEqual([800, 930])
    expect(environment.expectedResponseTimesMs([9, 7])).toEqual([260 * 3 + 20, 170])
    const { features } = environment.currentState()
    expect([0, 3, 6, 9].map((index) => features[index])).toEqual([0, 0, 0.5, 1])
    environment.reset(1)
    expect(environment.expectedResponseTimesMs([0, 8])).toEqual([400, 330])
  })

  it('lets a factor slow what a node computes, and its level tell of no more', () => {
    const environment = simulate({ scenario: 'D', devices: 2, noise: 0 })
    const [localMs = 0, edgeMs = 0] = environment.expectedResponseTimesMs([D7, EDGE])
    environment.setFactor(0, 3, 1)
    environment.setFactor(2, 2, 0.5)
    const slower = environment.expectedResponseTimesMs([D7, EDGE])
    expect(slower[0]).toBeCloseTo(localMs + 2 * 13.612, 9)
    expect(slower[1]).toBeCloseTo(edgeMs + 292.4, 9)
    const { features } = environment.currentState()
    expect([0, 6].map((index) => features[index])).toEqual([1, 0.5])
  })

  it('turns links weak and back, and says so', () => {
    const environment = new SimulatedEnvironment(SMALL_WORLD)
    const weak = () => [2, 5].map((index) => environment.currentState().features[index])
    expect(weak()).toEqual([0, 1])
    environment.flipLink(0)
    expect(weak()).toEqual([1, 1])
    expect(environment.expectedResponseTimesMs([8, 7])).toEqual([300, 170])
    environment.flipLink(0)
    expect(weak()).toEqual([0, 1])
  })

  it('keeps links to itself where asked', () => {
    const silent = new SimulatedEnvironment({ ...SMALL_WORLD, tellsLinks: false })
    expect(silent.currentState().features[5]).toBe(0)
    expect(silent.expectedResponseTimesMs([7, 7])).toEqual([50, 170])
  })
})

describe('Responses in any world', () => {
  it('scatters, slows and loses responses as often as it is told', () => {
    const environment = new SimulatedEnvironment({
      ...SMALL_WORLD,
      goalPercent: 0,
      noise: 0.05,
      slow: { share: 0.03, factor: 10 },
      lost: 0.02,
    })
    environment.reset(3)
    const rounds = Array.from({ length: 5000 }, () => environment.step([0, 0]))
    const times = rounds.map(({ responseTimesMs }) => responseTimesMs[0] ?? Number.NaN)
    const slow = times.filter((ms) => ms > 2000)
    const nominal = times.filter((ms) => ms <= 2000)
    expect(Math.abs(times.filter(Number.isNaN).length / 5000 - 0.02)).toBeLessThan(0.006)
    expect(Math.abs(slow.length / 5000 - 0.03)).toBeLessThan(0.008)
    const mean = nominal.reduce((sum, ms) => sum + ms, 0) / nominal.length
    const squares = nominal.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / nominal.length
    expect(Math.abs(mean / 400 - 1)).toBeLessThan(0.01)
    expect(Math.abs(Math.sqrt(squares) / 400 - 0.05)).toBeLessThan(0.005)
  })

  it('tells accuracies that are not true, and answers that are right as often as is true', () => {
    const told = [95, 95, 95, 95, 95, 95, 95, 95, 95, 95]
    const options = { ...SMALL_WORLD, lost: 0.1, toldAccuracies: told }
    const environment = new SimulatedEnvironment(options)
    expect(environment.problem.choices.map(({ accuracyPercent }) => accuracyPercent)).toEqual(told)
    expect(environment.planningProblem().choices[7]?.accuracyPercent).toBe(72.8)
    const rounds = Array.from({ length: 4000 }, () => environment.step([7, 8]))
    const right = (device: number) => {
      const answers = rounds.map(({ correct }) => correct?.[device])
      const known = answers.filter((answer) => answer !== undefined)
      expect(1 - known.length / 4000).toBeCloseTo(0.1, 1)
      return known.filter(Boolean).length / known.length
    }
    expect(Math.abs(right(0) - 0.728)).toBeLessThan(0.02)
    expect(Math.abs(right(1) - 0.899)).toBeLessThan(0.015)
    expect(new SimulatedEnvironment(SMALL_WORLD).step([7, 8])).not.toHaveProperty('correct')
  })
})

describe('The laws of a world', () => {
  it('lets state follow from state and decision: work that heats a device', () => {
    const busy = { processor: 1, memory: 0, bandwidth: 0 }
    const idle = { ...busy, processor: 0 }
    const world: World = {
      ...paperWorld({ devices: 2, scenario: 'A' }),
      nextState: (state, decision) => ({
        ...state,
        devices: decision.map((choice) => (choice === D0 ? busy : idle)),
      }),
    }
    const environment = new SimulatedEnvironment({ world, goalPercent: 0, noise: 0 })
    const [cool, warm, cooled] = [
      [D0, D7],
      [D0, D0],
      [D7, D7],
    ].map((decision) => environment.step(decision).responseTimesMs)
    expect(cool?.[0]).toBeCloseTo(464.866, 9)
    expect(warm?.[0]).toBeCloseTo(58.6 + 1.5 * 406.266, 9)
    expect(warm?.[1]).toBeCloseTo(464.866, 9)
    expect(cooled?.[0]).toBeCloseTo(58.6 + 1.5 * 13.612, 9)
    expect(environment.step([D7, D7]).responseTimesMs[0]).toBeCloseTo(72.212, 9)
  })

  it('scatters by another law, which begins anew with every run', () => {
    const begin = () => {
      let responses = 0
      return (device: number) => (++responses > 2 ? 2 : 1) + device / 10
    }
    const environment = new SimulatedEnvironment({ ...SMALL_WORLD, noise: { begin } })
    for (const seed of [1, 2]) {
      environment.reset(seed)
      expect(environment.step([0, 8]).responseTimesMs).toEqual([400, 330 * 1.1])
      expect(environment.step([0, 8]).responseTimesMs).toEqual([800, 330 * 2.1])
    }
  })

  it.each([
    [{ noise: -0.1 }, 'noise is -0.1'],
    [{ noise: Number.NaN }, 'noise is NaN'],
    [{ slow: { share: 1, factor: 3 } }, 'slow is 1'],
    [{ lost: 2 }, 'lost is 2'],
  ])('refuses %j', (wrong, message) => {
    expect(() => new SimulatedEnvironment({ ...SMALL_WORLD, ...wrong })).toThrow(message)
  })
})
