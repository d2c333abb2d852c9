import { describe, expect, it } from 'vitest'
import { type Choice, choicesOf, formatChoice } from '../fleet/choice.ts'
import { TABLE_III } from '../fleet/variants.ts'
import { SimulatedEnvironment } from './simulated-environment.ts'
import { Traffic } from './traffic/traffic.ts'
import { paperWorld } from './worlds/paper-world.ts'

const points = [{ margin: 0.5, escalatedPercent: 20, accuracyPercent: 88 }]
const choices: readonly Choice[] = choicesOf(TABLE_III, [{ small: 'd7', large: 'd0', points }])
const index = (text: string) => choices.findIndex((choice) => formatChoice(choice) === text)
const [small, local, edge, cloud] = [
  'end/d7',
  'end/d7>end/d0@0.5',
  'end/d7>edge/d0@0.5',
  'end/d7>cloud/d0@0.5',
].map(index)
/** Of the paper's fleet: what every request takes, d7 and d0 at the device, d0 at an edge. */
const [overheadMs, smallMs, largeMs, edgeMs] = [58.6, 41 * 0.332, 569 * 0.714, 292.4]

function fleet(devices: number, more: object = {}) {
  const world = { ...paperWorld({ devices, scenario: 'A', choices, delivery: 'pushed' }), ...more }
  return new SimulatedEnvironment({ world, goalPercent: 0, noise: 0 })
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length

describe('what escalates takes on average', () => {
  it('is by hand', () => {
    const firstMs = overheadMs + smallMs
    expect(fleet(1).expectedResponseTimesMs([local])[0]).toBeCloseTo(firstMs + 0.2 * largeMs, 9)
    expect(fleet(1).expectedResponseTimesMs([edge])[0]).toBeCloseTo(firstMs + 0.2 * edgeMs, 9)
    // Two of them: an escalated request meets the other's a fifth of the time.
    const [first] = fleet(2).expectedResponseTimesMs([edge, edge])
    expect(first).toBeCloseTo(firstMs + 0.2 * edgeMs * (1 + 0.85 * 0.2), 9)
  })

  it("is each device's own", () => {
    const shares = [0.05, 0.6].map((share) => choices.map(() => share))
    const [one, other] = fleet(2, { shares }).expectedResponseTimesMs([edge, local])
    expect(one).toBeCloseTo(overheadMs + smallMs + 0.05 * edgeMs, 9)
    expect(other).toBeCloseTo(overheadMs + smallMs + 0.6 * largeMs, 9)
  })

  it('is what rounds are told, whatever their single requests took', () => {
    const environment = fleet(3)
    const decision = [local, small, edge]
    const { responseTimesMs, escalations } = environment.step(decision)
    expect(responseTimesMs).toEqual(environment.expectedResponseTimesMs(decision))
    expect(escalations?.[1]).toBeUndefined()
    expect([escalations?.[0], escalations?.[2]].every((each) => each !== undefined)).toBe(true)
  })
})

it.each([
  ['where all escalate to one edge', [edge, edge, edge, edge, edge]],
  ['on mixed ways', [edge, index('edge/d0'), cloud, cloud, local]],
])('single requests average what is promised %s', (_, decision) => {
  const environment = fleet(5)
  const expectedMs = mean(environment.expectedResponseTimesMs(decision))
  const rounds = Array.from({ length: 20_000 }, () => {
    const { responseTimesMs, escalations } = environment.step(decision)
    return mean(responseTimesMs.map((ms, d) => escalations?.[d]?.responseTimeMs ?? ms))
  })
  const deviation = Math.sqrt(mean(rounds.map((ms) => (ms - expectedMs) ** 2)))
  // Four standard errors, and what counting in twentieths of a user leaves.
  expect(Math.abs(mean(rounds) - expectedMs)).toBeLessThan(
    (4 * deviation) / Math.sqrt(20_000) + 0.1,
  )
  expect(mean(rounds) / expectedMs).toBeCloseTo(1, 2)
})

it('needs both its stages', () => {
  const held = [['d7'], ['d0', 'd7']]
  const world = paperWorld({ devices: 2, scenario: 'A', choices })
  const environment = new SimulatedEnvironment({ world, goalPercent: 0, held })
  const isOpen = (device: number) =>
    [local, edge].map((choice) => environment.currentState().available[device]?.[choice])
  expect([isOpen(0), isOpen(1)]).toEqual([
    [false, true],
    [true, true],
  ])
  environment.setTierAlive('edge', false)
  expect(isOpen(1)).toEqual([true, false])
})

it('in traffic the small variant has answered before the large one is asked', () => {
  const world = paperWorld({ devices: 1, scenario: 'A', choices, delivery: 'pushed' })
  const options = { goalPercent: 0, noise: 0, pausesMs: [100] }
  const answers = new Traffic(world, options, [edge], 1).advance(600_000)
  const escalated = answers.filter((answer) => answer.escalated)
  for (const { firstMs } of answers) expect(firstMs).toBeCloseTo(overheadMs + smallMs, 6)
  for (const { responseTimeMs } of escalated) {
    expect(responseTimeMs).toBeCloseTo(overheadMs + smallMs + edgeMs, 6)
  }
  expect(escalated.length / answers.length).toBeCloseTo(0.2, 1)
})
