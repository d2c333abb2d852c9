/** What answers of choices that escalate teach the structured model. */
import { describe, expect, it } from 'vitest'
import { type Choice, choicesOf, formatChoice } from '../../../fleet/choice.ts'
import { Random } from '../../../random.ts'
import { allAvailable } from '../../environment/availability.ts'
import type { Answer, Problem, State } from '../../environment/environment.ts'
import { plan } from '../../planner/plan.ts'
import { responseTimesOf } from '../../planner/response-times.ts'
import { hearAnswer } from './learning.ts'
import { movedModel } from './moved-model.ts'
import { planningInput } from './planning-input.ts'
import { StructuredModel } from './structured-model.ts'

const ladder = [
  { name: 'big', accuracyPercent: 92.7, megaMacs: 8, precision: 'FP32' as const },
  { name: 'small', accuracyPercent: 89.8, megaMacs: 1, precision: 'FP32' as const },
]
const points = [
  { margin: 0.35, escalatedPercent: 10, accuracyPercent: 91.4 },
  { margin: 0.65, escalatedPercent: 20, accuracyPercent: 92.3 },
]
const choices: readonly Choice[] = choicesOf(ladder, [{ small: 'small', large: 'big', points }])
const indexOf = (text: string) => choices.findIndex((choice) => formatChoice(choice) === text)

function problemOf(names: readonly string[]): Problem {
  return { devices: names.length, choices, stateSize: 3 * (names.length + 2), names }
}

const stateOf = (problem: Problem): State => ({
  features: new Float32Array(problem.stateSize),
  goalPercent: 0,
  available: allAvailable(problem),
})

/** Every device answers so many times; each escalates by its own share, small at 60 ms, what follows `restMs`. */
function heard(
  model: StructuredModel,
  text: string,
  shares: readonly number[],
  restMs: number,
  answers = 400,
) {
  const state = stateOf(model.problem)
  const decision = shares.map(() => indexOf(text))
  const random = new Random(1)
  for (let i = 0; i < answers; i++) {
    for (const [device, share] of shares.entries()) {
      const escalated = random.uniform() < share
      const noise = Math.exp(0.02 * random.normal())
      const responseTimeMs = (60 + (escalated ? restMs : 0)) * noise
      const first = { escalated, firstMs: 60 * noise }
      const answer: Answer = { state, decision, device, responseTimeMs, users: 1, ...first }
      model.knowledge.round += 1
      hearAnswer(model, answer)
    }
  }
}

const expectedOf = (model: StructuredModel) =>
  planningInput(model, stateOf(model.problem), { kind: 'expected' }, true)

describe('answers that may escalate', () => {
  it("teach the small variant, the large one, and each device's own share", () => {
    const model = new StructuredModel(problemOf(['one', 'other']))
    heard(model, 'end/small>end/big@0.65', [0.05, 0.5], 200)
    const { ownTimesMs, loads } = expectedOf(model)
    const own = (device: number, text: string) =>
      ownTimesMs[device * choices.length + indexOf(text)] ?? 0
    const pHat = (share: number) => (20 + 400 * share) / 500
    for (const [device, share] of [0.05, 0.5].entries()) {
      expect(own(device, 'end/small') / 60).toBeCloseTo(1, 1)
      const expectedMs = 60 + pHat(share) * 200
      expect(own(device, 'end/small>end/big@0.65') / expectedMs).toBeCloseTo(1, 1)
      // Half as often at the smaller margin, which was never used.
      const lessMs = 60 + (pHat(share) / 2) * 200
      expect(own(device, 'end/small>end/big@0.35') / lessMs).toBeCloseTo(1, 1)
      expect(loads?.[device * choices.length + indexOf('end/small>end/big@0.65')]).toBe(0)
    }
    expect(loads?.[indexOf('edge/big')]).toBe(1)
    const load = loads?.[choices.length + indexOf('end/small>cloud/big@0.65')] ?? 0
    expect(load).toBeCloseTo(pHat(0.5), 1)
  })

  it('teach the node, and what it takes there is planned with the load', () => {
    const model = new StructuredModel(problemOf(['one', 'other']))
    heard(model, 'end/small>edge/big@0.65', [0.2, 0.2], 300)
    const problem = expectedOf(model)
    const [first] = responseTimesOf(problem, [
      indexOf('end/small>edge/big@0.65'),
      indexOf('end/small'),
    ])
    expect((first ?? 0) / (60 + 0.2 * 300)).toBeCloseTo(1, 1)
    const { decision } = plan({ ...problem, goalPercent: 92 })
    expect(decision.map((choice) => choices[choice]?.escalation?.margin)).toEqual([0.65, 0.65])
  })

  it('teach nothing where no answer came, or nobody says what became of it', () => {
    const model = new StructuredModel(problemOf(['one']))
    const state = stateOf(model.problem)
    const decision = [indexOf('end/small>edge/big@0.65')]
    const answer = { state, decision, device: 0 }
    hearAnswer(model, { ...answer, responseTimeMs: Number.NaN, escalated: true, firstMs: 60 })
    hearAnswer(model, { ...answer, responseTimeMs: 300 })
    expect(model.knowledge.heard.all).toBe(0)
    expect(model.knowledge.shares[0]?.size).toBe(0)
  })
})

it('what a device was seen to escalate goes with it to another fleet, and is saved', () => {
  const model = new StructuredModel(problemOf(['one', 'other']))
  heard(model, 'end/small>end/big@0.65', [0.05, 0.6], 200)
  const restored = new StructuredModel(problemOf(['one', 'other']))
  restored.restore(structuredClone(model.save()))
  const shareOf = (of: StructuredModel, device: number) =>
    of.shareOf(device, indexOf('end/small>edge/big@0.65'))
  expect(shareOf(restored, 1)).toBe(shareOf(model, 1))
  const known = shareOf(model, 1)
  const moved = movedModel(model, problemOf(['other', 'new']))
  expect(shareOf(moved, 0)).toBe(known)
  expect(shareOf(moved, 1)).toBe(0.2)
})

it('is told which stage is missing', () => {
  const problem = problemOf(['one'])
  const without = {
    ...problem,
    choices: choices.filter(({ placement }) => placement.tier !== 'cloud'),
  }
  expect(() => new StructuredModel(without)).toThrow(
    'needs cloud/big as a choice of its own: add it',
  )
})
