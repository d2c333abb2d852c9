import { describe, expect, test } from 'vitest'
import type { ClosedRound } from '../../control/messages.ts'
import { Random } from '../../random.ts'
import { goalOutcome } from './goal-outcome.ts'
import type { Answer } from './open-loop.ts'

const answer = (
  intendedMs: number,
  responseTimeMs: number,
  accuracyPercent: number,
  tier = 'edge',
): Answer => {
  const outcome = { kind: 'answered', variant: `of ${accuracyPercent}`, tier, accuracyPercent }
  return { intendedMs, responseTimeMs, lagMs: 0, outcome: { ...outcome, kind: 'answered' } }
}

const refused: Answer = {
  intendedMs: 0,
  responseTimeMs: 1,
  lagMs: 0,
  outcome: { kind: 'dropped', reason: 'refused' },
}

const round = (number: number, violated: boolean): ClosedRound => {
  const rest = { agent: 'fixed:edge/d0', goalPercent: 85, placements: {}, responseTimesMs: {} }
  return { round: number, responseTimeMs: 9, accuracyPercent: 80, violated, ...rest }
}

describe('the goal of a fleet', () => {
  test('is looked at over the newest answer of every device, in the order of the answers', () => {
    // Device 0 answers 90 at 50 ms, 84 at 60 ms; device 1 answers 88 at 30 ms, 87 at 120 ms.
    const answers = [
      answer(0, 50, 90),
      answer(10, 20, 88),
      answer(20, 40, 84, 'end'),
      answer(30, 90, 87),
    ]
    const outcome = goalOutcome(85, answers, 2, [round(1, false), round(2, true), round(3, false)])
    expect(outcome).toEqual({
      goalPercent: 85,
      window: 'one request of every device (a round)',
      // Windows: (90 + 88) / 2, (84 + 88) / 2, (84 + 87) / 2.
      meanAccuracyPercent: 87.25,
      lowestWindowPercent: 85.5,
      lowestAnswerPercent: 84,
      closedRounds: 3,
      goalViolations: 1,
      answeredByDevices: 1,
    })
  })

  test('what got no answer has no accuracy, and keeps the turns of the devices', () => {
    // Both answers are of device 0: no window is full.
    const answers = [answer(0, 5, 90), refused, answer(20, 5, 70), refused]
    expect(goalOutcome(85, answers, 2, [])).toMatchObject({
      meanAccuracyPercent: 80,
      lowestWindowPercent: null,
      lowestAnswerPercent: 70,
    })
  })

  test('is unknown without answers', () => {
    expect(goalOutcome(85, [refused], 1, [])).toMatchObject({
      meanAccuracyPercent: null,
      lowestWindowPercent: null,
      lowestAnswerPercent: null,
      closedRounds: 0,
      goalViolations: 0,
    })
  })

  test.each([1, 2, 3])('%d devices: as by looking back from every answer', (devices) => {
    const random = new Random(devices)
    for (let run = 0; run < 50; run++) {
      const answers = Array.from({ length: 1 + random.integer(30) }, (_, index) =>
        random.uniform() < 0.2
          ? refused
          : answer(10 * index, 100 * random.uniform(), 70 + random.integer(20)),
      )
      const { lowestWindowPercent } = goalOutcome(85, answers, devices, [])
      expect(lowestWindowPercent ?? Number.POSITIVE_INFINITY).toBeCloseTo(
        lowestByLookingBack(answers, devices),
        9,
      )
    }
  })
})

/** For the moment of every answer: each device's latest until then. */
function lowestByLookingBack(answers: readonly Answer[], devices: number): number {
  let lowest = Number.POSITIVE_INFINITY
  const endOf = ({ intendedMs, responseTimeMs }: Answer) => intendedMs + responseTimeMs
  for (const moment of answers.filter(({ outcome }) => outcome.kind === 'answered')) {
    let sum = 0
    for (let device = 0; device < devices; device++) {
      let latest: Answer | undefined
      for (let index = device; index < answers.length; index += devices) {
        const candidate = answers[index]
        if (candidate.outcome.kind !== 'answered' || endOf(candidate) > endOf(moment)) continue
        if (latest === undefined || endOf(candidate) > endOf(latest)) latest = candidate
      }
      sum += latest?.outcome.kind === 'answered' ? latest.outcome.accuracyPercent : Number.NaN
    }
    if (sum / devices < lowest) lowest = sum / devices
  }
  return lowest
}
