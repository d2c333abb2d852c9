import { expect, it } from 'vitest'
import type { Decision, Environment, State, Transition } from '../environment/environment.ts'
import type { Agent } from './agent.ts'
import { interact } from './interact.ts'

/** A world that counts: the state after step n is [n]. */
class Counting implements Environment {
  readonly problem = { devices: 1, choices: [], stateSize: 1 }
  readonly seeds: number[] = []
  readonly decisions: Decision[] = []

  reset(seed: number): State {
    this.seeds.push(seed)
    return this.state()
  }

  step(decision: Decision) {
    this.decisions.push(decision)
    const outcome = { state: this.state(), responseTimesMs: [5], accuracyPercent: [90], cost: 5 }
    return Promise.resolve(outcome)
  }

  private state(): State {
    const features = Float32Array.of(this.decisions.length)
    return { features, goalPercent: 80, available: [[true]] }
  }
}

/** Decides the number in the state, and remembers everything. */
class Recording implements Agent {
  readonly name = 'recording'
  readonly progress = { realSteps: 0, plannedSteps: 0, updates: 0 }
  readonly seen: Transition[] = []
  decide = ({ features }: State) => [...features]
  greedy = this.decide
  observe(transition: Transition): void {
    this.seen.push(transition)
  }
  save = () => undefined
  restore = () => undefined
}

it('passes each state to the agent and each transition back, in order', async () => {
  const [agent, world] = [new Recording(), new Counting()]
  const steps: number[] = []
  const taken = await interact(agent, world, {
    seed: 3,
    steps: 4,
    onStep: (_, step) => void steps.push(step),
  })
  expect(taken).toBe(4)
  expect(world.seeds).toEqual([3])
  expect(world.decisions).toEqual([[0], [1], [2], [3]])
  expect(steps).toEqual([1, 2, 3, 4])
  expect(
    agent.seen.map(({ state, outcome }) => [state.features[0], outcome.state.features[0]]),
  ).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
  ])
})

it('stops after the step under way when aborted, and takes none when aborted before', async () => {
  const controller = new AbortController()
  const [agent, world] = [new Recording(), new Counting()]
  const onStep = (_: Transition, step: number) => {
    if (step === 2) controller.abort()
  }
  const { signal } = controller
  expect(await interact(agent, world, { seed: 1, signal, onStep })).toBe(2)
  expect(await interact(agent, world, { seed: 1, signal })).toBe(0)
  expect(agent.seen).toHaveLength(2)
})

it('waits for the callback, and ends with the error of a step', async () => {
  const world = new Counting()
  let waited = 0
  const onStep = async () => {
    await Promise.resolve()
    waited += 1
  }
  await interact(new Recording(), world, { seed: 1, steps: 3, onStep })
  expect(waited).toBe(3)
  world.step = () => Promise.reject(new Error('edge is gone'))
  await expect(interact(new Recording(), world, { seed: 1 })).rejects.toThrow('edge is gone')
})
