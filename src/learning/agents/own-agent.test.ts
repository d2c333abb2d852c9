import { describe, expect, it } from 'vitest'
import { InvalidInputError } from '../../errors.ts'
import { allAvailable } from '../environment/availability.ts'
import type { Problem, State, Transition } from '../environment/environment.ts'
import { isOwnAgent } from './names.ts'
import { type CreateOwnAgent, GuardedAgent, type OwnAgent } from './own-agent.ts'

const PROBLEM: Problem = {
  devices: 2,
  stateSize: 0,
  names: ['camera-1', 'camera-2'],
  choices: [
    { placement: { tier: 'end', variant: 'd7' }, accuracyPercent: 72.8 },
    { placement: { tier: 'edge', variant: 'd0' }, accuracyPercent: 89.9 },
  ],
}
const STATE: State = {
  features: new Float32Array(0),
  goalPercent: 80,
  available: allAvailable(PROBLEM),
}
const TRANSITION: Transition = {
  state: STATE,
  decision: [1, 1],
  outcome: { state: STATE, responseTimesMs: [5, 7], accuracyPercent: [89.9, 89.9], cost: 6 },
}

const QUIET: OwnAgent = {
  decide: () => [1, 1],
  greedy: () => [1, 1],
  observe: () => {},
  save: () => undefined,
  restore: () => {},
}

function guarded(create: CreateOwnAgent, seed = 1): GuardedAgent {
  return new GuardedAgent('./mine.mjs', create, PROBLEM, { seed, parameters: { rate: 3 } })
}

it.each([
  ['./mine.mjs', true],
  ['/home/me/agent.ts', true],
  ['mine.cjs', true],
  ['hybrid', false],
  ['fixed:edge/d0', false],
  ['fixed:edge/my.js', false],
])('takes %s for a file: %s', (spec, isFile) => {
  expect(isOwnAgent(spec)).toBe(isFile)
})

it('gives the module the problem, what was set, and what may be decided', () => {
  guarded((problem, { parameters, allows }) => {
    expect(problem).toBe(PROBLEM)
    expect(parameters).toEqual({ rate: 3 })
    expect(allows(STATE, [0, 1])).toBe(true)
    expect(allows(STATE, [0, 0])).toBe(false)
    expect(allows(STATE, [1])).toBe(false)
    return QUIET
  })
})

it.each([
  [[1], 'gave [1]: give 2 choices, one for each device'],
  [[0, 2], 'camera-2 has 2, but choices are 0 to 1'],
  [[0.5, 1], 'camera-1 has 0.5, but choices are 0 to 1'],
  [[0, 0], 'its average accuracy of 72.8 % is below the goal of 80 %'],
  [undefined, 'gave [undefined]: undefined, no list'],
])('refuses %j of decide', (decision, reason) => {
  const agent = guarded(() => ({ ...QUIET, decide: () => decision as number[] }))
  expect(() => agent.decide(STATE)).toThrow(InvalidInputError)
  expect(() => agent.decide(STATE)).toThrow(reason)
  expect(() => agent.decide(STATE)).toThrow('agent ./mine.mjs: decide()')
})

it('refuses what a device cannot take now', () => {
  const lost = {
    ...STATE,
    available: [
      [true, true],
      [true, false],
    ],
  }
  const agent = guarded(() => QUIET)
  expect(() => agent.greedy({ ...lost, goalPercent: 0 })).toThrow(
    'camera-2 may not take edge/d0 now: see state.available',
  )
})

it('says which goal cannot be met, without asking the module', () => {
  const agent = guarded(() => ({ ...QUIET, decide: () => expect.unreachable() }))
  expect(() => agent.decide({ ...STATE, goalPercent: 95 })).toThrow('a goal of 95 % cannot be met')
})

it('names what the module lacks', () => {
  const create = () => guarded(() => ({ decide: QUIET.decide, save: QUIET.save }) as OwnAgent)
  expect(create).toThrow(
    'agent ./mine.mjs: what createAgent returned has no observe(), greedy(), restore()',
  )
})

it('says which verb threw, and where', () => {
  const agent = guarded(() => ({
    ...QUIET,
    observe: () => {
      throw new TypeError('times is undefined')
    },
  }))
  expect(() => agent.observe(TRANSITION)).toThrow(
    /agent \.\/mine\.mjs: observe\(\) threw: times is undefined, at .*own-agent\.test\.ts:\d+/,
  )
  expect(agent.progress.realSteps).toBe(0)
})

it('has the optional verbs of the module, and no others', () => {
  expect(guarded(() => QUIET).hear).toBeUndefined()
  const heard: number[] = []
  const agent = guarded(() => ({ ...QUIET, hear: ({ device }) => heard.push(device) }))
  agent.hear?.({ state: STATE, decision: [1, 1], device: 1, responseTimeMs: 5 })
  expect(heard).toEqual([1])
  expect(agent.moveTo).toBeUndefined()
  expect(agent.explain).toBeUndefined()
})

describe('random numbers', () => {
  /** Tells what it draws as its accuracy-free knowledge. */
  const drawing: CreateOwnAgent = (_, { random }) => {
    let draws: number[] = []
    return {
      ...QUIET,
      decide: () => (random.uniform() < 0.5 ? [0, 1] : [1, 0]),
      observe: () => draws.push(random.uniform()),
      save: () => [...draws],
      restore: (saved) => {
        draws = saved as number[]
      },
    }
  }
  const live = (agent: GuardedAgent, steps: number) =>
    Array.from({ length: steps }, () => {
      const decision = agent.decide(STATE)
      agent.observe({ ...TRANSITION, decision })
      return decision
    })

  it('are the same however often is asked, and others after each step', () => {
    const agent = guarded(drawing)
    expect(agent.decide(STATE)).toEqual(agent.decide(STATE))
    expect(new Set(live(agent, 20).map(String)).size).toBe(2)
  })

  it('go on after a restart as they would have', () => {
    const agent = guarded(drawing, 1)
    live(agent, 5)
    const restored = guarded(drawing, 2)
    restored.restore(structuredClone(agent.save()))
    expect(live(restored, 20)).toEqual(live(agent, 20))
    expect(restored.save()).toEqual(agent.save())
    expect(restored.progress.realSteps).toBe(25)
  })

  it('are not restored from what was saved for another fleet', () => {
    const other = new GuardedAgent(
      './mine.mjs',
      drawing,
      { ...PROBLEM, devices: 3 },
      {
        seed: 1,
        parameters: {},
      },
    )
    expect(() => guarded(drawing).restore(other.save())).toThrow('saved for 3 devices')
  })
})
