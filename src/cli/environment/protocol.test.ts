import { expect, test } from 'vitest'
import { formatChoice } from '../../fleet/choice.ts'
import { SimulatedEnvironment } from '../../simulation/simulated-environment.ts'
import { DEFAULT_CHOICES } from '../../simulation/worlds/paper-world.ts'
import { Episodes } from './episodes.ts'
import { answerTo } from './protocol.ts'

/** @returns a function that speaks to two simulated devices of two choices, of which the edge is slower for two */
function environment(episodeSteps = 3) {
  const named = (name: string) => DEFAULT_CHOICES.filter((one) => formatChoice(one) === name)
  const choices = [...named('end/d7'), ...named('edge/d0')]
  const simulated = new SimulatedEnvironment({
    ...{ devices: 2, scenario: 'A', goalPercent: 80, penaltyMs: 900, choices },
  })
  const episodes = new Episodes(simulated, { seed: 5, episodeSteps, goalPercent: 80 })
  return (call: unknown) => {
    const { line, isLast } = answerTo(JSON.stringify(call), episodes)
    return { ...JSON.parse(line), isLast }
  }
}

test('tells its spaces, and what an action means', () => {
  const { action_space, observation_space, choices } = environment()({ call: 'spaces' })
  expect(action_space).toEqual({ type: 'MultiDiscrete', nvec: [2, 2] })
  expect(observation_space).toMatchObject({ type: 'Box', low: 0, high: 1, dtype: 'float32' })
  expect(choices[1]).toEqual({ name: 'edge/d0', accuracy_percent: 89.9 })
  const { observation } = environment()({ call: 'reset' })
  expect(observation).toHaveLength(observation_space.shape[0])
  expect(observation.every((value: number) => value >= 0 && value <= 1)).toBe(true)
})

test('an equal seed gives an equal episode, none the next one', () => {
  const call = environment()
  const times = (reset: object) => {
    call({ call: 'reset', ...reset })
    return call({ call: 'step', action: [1, 0] }).info.response_times_ms
  }
  const first = times({ seed: 7 })
  const second = times({})
  expect(times({ seed: 7 })).toEqual(first)
  expect(times({})).toEqual(second)
  expect(second).not.toEqual(first)
})

test('a step tells the average response time as its reward, and the penalty where the goal is broken', () => {
  const call = environment()
  call({ call: 'reset', seed: 1 })
  const kept = call({ call: 'step', action: [1, 0] })
  const [one, other] = kept.info.response_times_ms
  expect(kept).toMatchObject({ reward: -(one + other) / 2, terminated: false, truncated: false })
  expect(kept.info).toMatchObject({ average_accuracy_percent: 81.35, goal_met: true })
  const broken = call({ call: 'step', action: [0, 0] })
  expect(broken).toMatchObject({ reward: -900, info: { goal_met: false } })
})

test('an episode is truncated, and goes on with a reset alone', () => {
  const call = environment(2)
  const step = () => call({ call: 'step', action: [1, 1] })
  expect(step().error.message).toBe('no episode has begun: call reset first')
  call({ call: 'reset' })
  expect([step().truncated, step().truncated]).toEqual([false, true])
  expect(step().error).toEqual({
    code: 'invalid-input',
    message: 'the episode is over: call reset',
  })
  call({ call: 'reset', seed: null, options: null })
  expect(step().truncated).toBe(false)
})

test('a goal can be set for an episode', () => {
  const call = environment()
  const { observation, info } = call({ call: 'reset', options: { goal: 70 } })
  expect(info.goal_percent).toBe(70)
  expect(observation.at(-1)).toBeCloseTo(0.7)
  expect(call({ call: 'step', action: [0, 0] }).info.goal_met).toBe(true)
  expect(call({ call: 'reset' }).info.goal_percent).toBe(80)
})

test('tells the best action that keeps the goal', () => {
  const call = environment()
  call({ call: 'reset' })
  const { action, response_time_ms } = call({ call: 'optimum' })
  expect(action.toSorted()).toEqual([0, 1])
  expect(response_time_ms).toBeGreaterThan(50)
})

test.each([
  ['x', /^the line is not JSON/],
  ['[]', /^the line: /],
  ['{"call":"fly"}', /^call: .*write \{"call": "spaces"\}/],
  ['{"call":"step"}', /^action: /],
  ['{"call":"step","action":[1,0.5]}', /^action\.1: /],
  ['{"call":"step","action":[1]}', /1 choices for 2 devices/],
  ['{"call":"step","action":[1,10]}', /choice 10 is not available to device 1/],
  ['{"call":"reset","seed":-1}', /^seed: write a whole number from 0/],
  ['{"call":"reset","options":{"gaol":1}}', /^options: .*gaol/],
  ['{"call":"reset","options":{"goal":101}}', /^options\.goal: write an average accuracy/],
  [undefined, /^the line is longer than 1048576 bytes/],
])('refuses %s and goes on', (line, message) => {
  const simulated = new SimulatedEnvironment({ devices: 2, scenario: 'A', goalPercent: 80 })
  const episodes = new Episodes(simulated, { seed: 5, episodeSteps: 3, goalPercent: 80 })
  episodes.reset()
  const answer = answerTo(line, episodes)
  expect(JSON.parse(answer.line).error.message).toMatch(message)
  expect(answer.isLast).toBe(false)
  expect(JSON.parse(answerTo('{"call":"close"}', episodes).line)).toEqual({ closed: true })
})
