import { describe, expect, test } from 'vitest'
import type { Choice } from '../../fleet/choice.ts'
import { Random } from '../../random.ts'
import { curveAt, shareOf, surchargeMs, totalsOf, unitsOf, unitsPerUser } from './load.ts'

const choice = (tier: 'end' | 'edge' | 'cloud', to?: 'end' | 'edge' | 'cloud', share = 0.3) =>
  ({
    placement: { tier, variant: 'small' },
    accuracyPercent: 90,
    ...(to && { escalation: { to: { tier: to, variant: 'large' }, margin: 0.5, share } }),
  }) satisfies Choice

const END = choice('end')
const CLOUD = choice('cloud')
const CASCADE = choice('end', 'edge')
const AT_HOME = choice('end', 'end')

describe('the share of requests that a choice sends to its node', () => {
  test('all of them, none, or those that escalate', () => {
    const choices = [END, CLOUD, CASCADE, AT_HOME]
    expect(choices.map((_, at) => shareOf({ choices }, 0, at))).toEqual([0, 1, 0.3, 0])
  })

  test('each device’s own where it is known, but never one at the device itself', () => {
    const choices = [END, CASCADE, AT_HOME]
    const loads = Float64Array.of(0, 0.1, 0.2, 0, 0.7, 0.8)
    const of = (device: number) => choices.map((_, at) => shareOf({ choices, loads }, device, at))
    expect([of(0), of(1)]).toEqual([
      [0, 0.1, 0],
      [0, 0.7, 0],
    ])
  })

  test('users are counted in parts only where some choice is a part of one', () => {
    expect(unitsPerUser({ choices: [END, CLOUD] })).toBe(1)
    expect(unitsPerUser({ choices: [END, AT_HOME] })).toBe(1)
    expect(unitsPerUser({ choices: [END, CASCADE] })).toBe(20)
    expect(unitsPerUser({ choices: [choice('edge', 'cloud', 1)] })).toBe(1)
    // What the devices were seen to escalate counts, not what the choice expects; at home it never does.
    expect(unitsPerUser({ choices: [END, CASCADE], loads: Float64Array.of(0, 1, 0, 1) })).toBe(1)
    expect(unitsPerUser({ choices: [END, CLOUD], loads: Float64Array.of(0, 1, 0, 0.9) })).toBe(20)
    expect(unitsPerUser({ choices: [AT_HOME], loads: Float64Array.of(0.4) })).toBe(1)
  })

  test.each([
    [0, 1],
    [0.01, 1],
    [0.074, 1],
    [0.076, 2],
    [0.5, 10],
    [1, 20],
  ])('%d of a user are %d of 20 units, one at least', (share, units) => {
    expect(unitsOf(share, 20)).toBe(units)
  })
})

describe('the curve of a node', () => {
  const curveMs = Float64Array.of(10, 14, 30)

  test.each([
    [20, 10],
    [25, 11],
    [40, 14],
    [50, 22],
    [60, 30],
    // Below one user the first stretch goes on.
    [10, 8],
    [1, 6.2],
    [61, Number.NaN],
    [80, Number.NaN],
  ])('at %d twentieths of a user takes %d ms', (units, ms) => {
    if (Number.isNaN(ms)) expect(curveAt(curveMs, units, 20)).toBeNaN()
    else expect(curveAt(curveMs, units, 20)).toBeCloseTo(ms, 12)
  })

  test('of one user alone is flat below it, and none is closed', () => {
    expect(curveAt(Float64Array.of(10), 5, 20)).toBe(10)
    expect(curveAt(Float64Array.of(10), 21, 20)).toBeNaN()
    expect(curveAt(new Float64Array(0), 5, 20)).toBeNaN()
    expect(curveAt(new Float64Array(0), 20, 20)).toBeNaN()
  })

  test('adds up to what all users take, as far as users or curve go', () => {
    expect([...totalsOf(curveMs, 9, 1)]).toEqual([0, 10, 28, 90])
    expect([...totalsOf(curveMs, 2, 1)]).toEqual([0, 10, 28])
    expect([...totalsOf(curveMs, 1, 2)]).toEqual([0, 4, 10])
    expect([...totalsOf(new Float64Array(0), 3, 20)]).toEqual([0])
  })
})

describe('a device’s own part', () => {
  const straight = Float64Array.of(10, 14, 18, 22, 26)

  test('is nothing of a whole user, and nothing at a closed node', () => {
    expect(surchargeMs(straight, 1, 20)).toBe(0)
    expect(surchargeMs(new Float64Array(0), 0.3, 20)).toBe(0)
  })

  test('is by hand p · g(1) - p · g(p)', () => {
    // g(0.5) = 8: 0.5 · 10 - 0.5 · 8.
    expect(surchargeMs(straight, 0.5, 20)).toBeCloseTo(1, 12)
    // 0.01 is counted as a twentieth, and g(0.05) = 6.2: 0.1 - 0.31.
    expect(surchargeMs(straight, 0.01, 20)).toBeCloseTo(-0.21, 12)
  })

  test('alone, any share of any curve takes exactly that share of the first point', () => {
    const random = new Random(3)
    for (let round = 0; round < 200; round++) {
      const curve = Float64Array.from(
        { length: 1 + random.integer(4) },
        () => 50 * random.uniform(),
      )
      const share = random.uniform()
      const total = totalsOf(curve, 1, 20)[unitsOf(share, 20)] ?? Number.NaN
      expect(total + surchargeMs(curve, share, 20)).toBeCloseTo(share * (curve[0] ?? 0), 9)
    }
  })

  test('with the total it is what each expects beside the others, on a straight curve', () => {
    const random = new Random(9)
    const curveMs = Float64Array.from({ length: 8 }, (_, user) => 10 + 4 * user)
    for (let round = 0; round < 100; round++) {
      const shares = Array.from(
        { length: 1 + random.integer(6) },
        () => (1 + random.integer(20)) / 20,
      )
      const all = shares.reduce((sum, share) => sum + share, 0)
      // g(m) = 6 + 4 m, beside a mean of `all` - p others.
      const expectedMs = shares.reduce((sum, p) => sum + p * (6 + 4 * (1 + all - p)), 0)
      const units = shares.reduce((sum, share) => sum + unitsOf(share, 20), 0)
      const ownMs = shares.reduce((sum, share) => sum + surchargeMs(curveMs, share, 20), 0)
      expect((totalsOf(curveMs, 8, 20)[units] ?? Number.NaN) + ownMs).toBeCloseTo(expectedMs, 9)
    }
  })
})
