import { expect, it } from 'vitest'
import { ConfigError } from '../errors.ts'
import type { Profile } from '../learning/agents/baselines/oracle-profile.ts'
import { allAvailable } from '../learning/environment/availability.ts'
import type { Problem } from '../learning/environment/environment.ts'
import { choices } from './fake-fleet.fixture.ts'
import { checkProfile, profileAnswers, profiledMeanMs } from './measured-profile.ts'

const problem: Problem = { devices: 2, choices, stateSize: 12 }
const state = {
  features: new Float32Array(12),
  goalPercent: 80,
  available: allAvailable(problem),
}
/** Device 1 is twice as fast as device 0; the shared nodes slow down by half with the second user. */
const profile: Profile = {
  responseTimesMs: {
    'end/d0': [[100], [50]],
    'end/d4': [[60], [30]],
    'end/d7': [[20], [10]],
    'edge/d0': [
      [40, 60],
      [44, 66],
    ],
    'cloud/d0': [
      [50, 75],
      [54, 81],
    ],
  },
}

it('becomes one answer for every device, choice and number of users', () => {
  const answers = profileAnswers(problem, profile, state)
  // Three choices on each of two devices; two shared ones with one and with two users.
  expect(answers).toHaveLength(3 * 2 + 2 * 2 * 2)
  expect(answers).toContainEqual({ state, decision: [0, 1], device: 1, responseTimeMs: 30 })
  expect(answers).toContainEqual({ state, decision: [3, 0], device: 0, responseTimeMs: 40 })
  expect(answers).toContainEqual({
    state,
    decision: [0, 4],
    device: 1,
    responseTimeMs: 81,
    users: 2,
  })
  for (const { decision, device } of answers) expect(decision[1 - device]).toBe(0)
})

it('tells a device nothing of variants that it lacks', () => {
  const [all = []] = state.available
  const available = [all, [false, false, false, true, true]]
  const answers = profileAnswers(problem, profile, { ...state, available })
  expect(answers).toHaveLength(3 + 2 * 2 * 2)
  // The other device is served by the edge, the nearest that it has.
  expect(answers).toContainEqual(
    expect.objectContaining({ decision: [1, 3], device: 0, responseTimeMs: 60 }),
  )
})

it('tells nothing of what a device could not take when it was measured', () => {
  const lacking = {
    ...profile,
    responseTimesMs: { ...profile.responseTimesMs, 'end/d0': [[100], []] },
  }
  const answers = profileAnswers(problem, lacking, state)
  expect(answers).toHaveLength(3 * 2 + 2 * 2 * 2 - 1)
  expect(answers.every(({ responseTimeMs }) => Number.isFinite(responseTimeMs))).toBe(true)
  expect(() => checkProfile(problem, lacking)).not.toThrow()
})

it('knows what a joint decision takes', () => {
  expect(profiledMeanMs(profile, problem, [3, 3])).toBe(63)
  expect(profiledMeanMs(profile, problem, [2, 4])).toBe(37)
})

it('tells nothing of a fleet of another size, and is refused for one', () => {
  const three = { ...problem, devices: 3, stateSize: 15 }
  expect(profileAnswers(three, profile, state)).toEqual([])
  expect(profiledMeanMs(profile, three, [0, 0, 0])).toBeUndefined()
  expect(() => checkProfile(three, profile)).toThrow(/of 2 devices, but the fleet has 3/)
  expect(() => checkProfile(problem, profile)).not.toThrow()
})

it('is refused when it lacks a choice', () => {
  const { 'cloud/d0': _, ...rest } = profile.responseTimesMs
  const check = () => checkProfile(problem, { responseTimesMs: rest })
  expect(check).toThrow(ConfigError)
  expect(check).toThrow(/cloud\/d0/)
})
