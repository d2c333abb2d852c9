import { describe, expect, it } from 'vitest'
import { marginOf, probabilitiesOf } from './confidence.ts'

const plain = { kind: 'probabilities', temperature: 1 } as const

describe('marginOf', () => {
  it('is the lead of the likeliest class over the second, wherever they stand', () => {
    expect(marginOf([0.1, 0.7, 0.2], plain)).toBeCloseTo(0.5, 12)
    expect(marginOf([0.2, 0.1, 0.7], plain)).toBeCloseTo(0.5, 12)
    expect(marginOf([0.5, 0.5, 0], plain)).toBe(0)
    expect(marginOf([1], plain)).toBe(1)
  })

  it('reads logits by a softmax: ln 6, ln 3 and ln 1 are 0.6, 0.3 and 0.1', () => {
    const logits = [Math.log(6), Math.log(3), 0]
    expect(marginOf(logits, { kind: 'logits', temperature: 1 })).toBeCloseTo(0.3, 12)
    expect(
      marginOf(
        logits.map((logit) => logit + 1000),
        { kind: 'logits', temperature: 1 },
      ),
    ).toBeCloseTo(0.3, 9)
  })

  it('tempers both kinds alike: at ½ the odds are squared', () => {
    // 0.6² : 0.3² : 0.1² = 36 : 9 : 1
    const tempered = { temperature: 0.5 } as const
    const expected = (36 - 9) / 46
    expect(marginOf([0.6, 0.3, 0.1], { ...tempered, kind: 'probabilities' })).toBeCloseTo(
      expected,
      12,
    )
    expect(marginOf([Math.log(6), Math.log(3), 0], { ...tempered, kind: 'logits' })).toBeCloseTo(
      expected,
      12,
    )
  })

  it('takes classes that are ruled out, and is never sure of what is no number', () => {
    expect(marginOf([1, 0, 0], { kind: 'probabilities', temperature: 2 })).toBe(1)
    expect(marginOf([0.9, Number.NaN], plain)).toBe(0)
    expect(marginOf([Number.NaN, 0.9], { kind: 'logits', temperature: 2 })).toBe(0)
    expect(marginOf([0, 0, 0], { kind: 'probabilities', temperature: 2 })).toBe(0)
    expect(marginOf([], plain)).toBe(0)
  })
})

describe('probabilitiesOf', () => {
  it('adds up to 1', () => {
    const sum = probabilitiesOf([3, -1, 40], { kind: 'logits', temperature: 3 }).reduce(
      (total, one) => total + one,
      0,
    )
    expect(sum).toBeCloseTo(1, 12)
  })
})
