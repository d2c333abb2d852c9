import { describe, expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { accuracyOf, cascadesOf, type Judged, pairAt, type TwiceJudged } from './cascades.ts'
import type { Variant } from './catalogue-schema.ts'

function variant(
  name: string,
  megaMacs: number,
  precision: Variant['precision'] = 'FP32',
): Variant {
  return { name, megaMacs, precision, file: name, accuracyPercent: 0, accuracySource: 'test' }
}

describe('pairAt', () => {
  const small: Judged = {
    variant: variant('small', 1),
    isRight: [true, false, false, true],
    margins: [0.9, 0.2, 0.5, 0.1],
  }
  const large: Judged = {
    variant: variant('large', 10),
    isRight: [false, true, false, true],
    margins: [0, 0, 0, 0],
  }

  it.each([
    [0.05, 0, 2 / 4],
    [0.15, 1 / 4, 2 / 4],
    [0.5, 2 / 4, 3 / 4], // exactly at the threshold is sure
    [0.51, 3 / 4, 3 / 4],
    [1, 1, 2 / 4],
  ])('at %d escalates %d and is right in %d', (margin, share, accuracy) => {
    expect(pairAt(small, large, margin)).toEqual({ share, accuracy })
  })
})

/** Pictures of seeded difficulty: a variant is right below its skill, and the surer the farther below. */
function judge(one: Variant, skill: number, pictures: number, seed: number): Judged {
  const difficulty = new Random(seed)
  const own = new Random(seed).fork(one.name)
  const isRight: boolean[] = []
  const margins: number[] = []
  for (let picture = 0; picture < pictures; picture++) {
    const lead = skill - difficulty.uniform() + 0.05 * own.normal()
    isRight.push(lead > 0)
    margins.push(Math.min(1, Math.abs(lead + 0.1 * own.normal())))
  }
  return { variant: one, isRight, margins }
}

function twice(one: Variant, skill: number): TwiceJudged {
  const test = judge(one, skill, 4000, 2)
  return { heldOut: judge(one, skill, 2000, 1), test, accuracy: accuracyOf(test) }
}

describe('cascadesOf', () => {
  const ladder = [
    twice(variant('large', 10), 0.95),
    twice(variant('middle', 2), 0.9),
    twice(variant('small', 0.5), 0.8),
    twice(variant('waste', 3), 0.85), // costs more than middle and is right less often
    twice(variant('large-int8', 10, 'INT8'), 0.94),
    twice(variant('small-int8', 0.5, 'INT8'), 0.8),
  ]
  const cascades = cascadesOf(ladder)

  it('pairs what costs less with what is right more often, of one precision or with the best', () => {
    const pairs = cascades.map(({ small, large }) => `${small}>${large}`)
    expect(pairs).toContain('small>large')
    expect(pairs).toContain('small>middle')
    expect(pairs).toContain('small-int8>large-int8')
    expect(pairs).toContain('small-int8>large')
    expect(pairs).not.toContain('small>large-int8')
    expect(pairs.filter((pair) => pair.includes('waste'))).toEqual([])
    expect(pairs.filter((pair) => /^large/.test(pair))).toEqual([])
  })

  it('gives at most six points a pair, each better than the one before it, as the test pictures show it', () => {
    for (const { small, large, points } of cascades) {
      const [one, other] = [small, large].map((name) =>
        ladder.find(({ test }) => test.variant.name === name),
      )
      if (one === undefined || other === undefined) throw new Error('no such variant')
      expect(points.length).toBeGreaterThan(0)
      expect(points.length).toBeLessThanOrEqual(6)
      let before = 0
      for (const { margin, escalatedPercent, accuracyPercent } of points) {
        const { share, accuracy } = pairAt(one.test, other.test, margin)
        expect(escalatedPercent).toBeCloseTo(100 * share, 1)
        expect(Math.abs(accuracyPercent - 100 * accuracy)).toBeLessThanOrEqual(0.0101)
        expect(accuracyPercent).toBeGreaterThan(before)
        before = accuracyPercent
      }
    }
  })

  it('compares a pair with an accuracy that counts more pictures by what it loses', () => {
    const shifted = ladder.map((one) => ({ ...one, accuracy: one.accuracy - 0.02 }))
    const [plain, other] = [cascades[0]?.points[0], cascadesOf(shifted)[0]?.points[0]]
    expect((plain?.accuracyPercent ?? 0) - (other?.accuracyPercent ?? 0)).toBeCloseTo(2, 1)
  })

  it('finds none where nothing gains', () => {
    expect(cascadesOf([twice(variant('alone', 1), 0.9)])).toEqual([])
    expect(cascadesOf([twice(variant('a', 1), 0.9), twice(variant('b', 2), 0.8)])).toEqual([])
  })
})
