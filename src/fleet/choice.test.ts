import { describe, expect, it } from 'vitest'
import { ConfigError, InvalidInputError } from '../errors.ts'
import {
  type Choice,
  canonicalChoice,
  choicesOf,
  decidedChoices,
  formatChoice,
  loadedTier,
  loadOf,
  mostAccurate,
  safeChoice,
  stagesOf,
} from './choice.ts'
import { parsePlacement } from './placement.ts'
import { TABLE_III } from './variants.ts'

const choice = (placement: string, accuracyPercent: number): Choice => ({
  placement: parsePlacement(placement),
  accuracyPercent,
})
const end = (accuracyPercent: number) => choice('end/x', accuracyPercent)
const edge = choice('edge/d0', 89.9)

describe('the choices of the papers', () => {
  it('are every variant on the device and the most accurate one elsewhere, with what is known of each', () => {
    const choices = choicesOf(TABLE_III)
    expect(choices).toHaveLength(10)
    expect(choices[5]).toEqual({
      placement: { tier: 'end', variant: 'd5' },
      accuracyPercent: 87,
      megaMacs: 317,
      precision: 'INT8',
    })
    expect(choices.slice(8).map(({ placement }) => placement)).toEqual([
      { tier: 'edge', variant: 'd0' },
      { tier: 'cloud', variant: 'd0' },
    ])
  })

  it('know nothing that nobody has counted', () => {
    expect(choicesOf([{ name: 'm', accuracyPercent: 50 }])[0]).toEqual(choice('end/m', 50))
  })
})

describe('small first, large when unsure', () => {
  const ladder = [
    { name: 'big', accuracyPercent: 92.7, megaMacs: 9 },
    { name: 'small', accuracyPercent: 89.8, megaMacs: 1 },
  ]
  const points = [
    { margin: 0.35, escalatedPercent: 10, accuracyPercent: 91.4 },
    { margin: 0.65, escalatedPercent: 20, accuracyPercent: 92.3 },
  ]
  const choices = choicesOf(ladder, [{ small: 'small', large: 'big', points }])

  it('is a choice at every point of a cascade, for every place of the large variant', () => {
    expect(choices.slice(4).map(formatChoice)).toEqual([
      'end/small>end/big@0.35',
      'end/small>end/big@0.65',
      'end/small>edge/big@0.35',
      'end/small>edge/big@0.65',
      'end/small>cloud/big@0.35',
      'end/small>cloud/big@0.65',
    ])
    expect(choices[7]).toEqual({
      placement: { tier: 'end', variant: 'small' },
      accuracyPercent: 92.3,
      megaMacs: 1,
      escalation: { to: { tier: 'edge', variant: 'big' }, margin: 0.65, share: 0.2 },
    })
    // The middle variant is served nowhere else, and one that no device holds begins nothing.
    expect(choicesOf(ladder, [{ small: 'big', large: 'small', points }])).toHaveLength(4 + 2)
    expect(choicesOf(ladder, [{ small: 'other', large: 'big', points }])).toHaveLength(4)
  })

  it('loads the node of the large variant with its share', () => {
    expect(choices.map(loadedTier).slice(2)).toEqual([
      'edge',
      'cloud',
      'end',
      'end',
      'edge',
      'edge',
      'cloud',
      'cloud',
    ])
    expect(choices.map(loadOf)).toEqual([0, 0, 1, 1, 0, 0, 0.1, 0.2, 0.1, 0.2])
  })

  it('joins two choices that must be there by themselves', () => {
    expect(stagesOf(choices).slice(3, 6)).toEqual([
      undefined,
      { first: 1, second: 0 },
      { first: 1, second: 0 },
    ])
    expect(stagesOf(choices)[9]).toEqual({ first: 1, second: 3 })
    expect(() => stagesOf(choices.slice(1))).toThrow(
      'end/small>end/big@0.35 needs end/big as a choice of its own: add it',
    )
  })

  it('is written and read alike', () => {
    for (const choice of choices) {
      expect(canonicalChoice(formatChoice(choice))).toBe(formatChoice(choice))
    }
    expect(canonicalChoice('end/small > edge/big @ 0.350')).toBe('end/small>edge/big@0.35')
    expect(canonicalChoice(' cloud/big')).toBe('cloud/big')
    const bad = ['', 'end/a>', 'end/a>edge/b', 'end/a>edge/b@0', 'end/a>edge/b@1.1', 'end/a>b@0.5']
    for (const text of [...bad, 'end/a>edge/b@x', 'end/a>edge/b@0.5@0.6', 'end/a>end/b@1>c/d@1']) {
      expect(() => canonicalChoice(text)).toThrow(InvalidInputError)
    }
  })

  it('is never the safe choice', () => {
    const better = choices.map((choice) =>
      choice.escalation ? { ...choice, accuracyPercent: 99 } : choice,
    )
    expect(safeChoice(better)).toBe(0)
  })
})

it('finds the most accurate, the first of equals', () => {
  expect(mostAccurate([end(1), edge, choice('cloud/d0', 89.9)])).toBe(edge)
  expect(() => mostAccurate([])).toThrow(ConfigError)
})

describe('safe choice', () => {
  it('is the most accurate one on the device', () => {
    expect(safeChoice([end(72.8), choice('edge/d0', 99), end(89.9), end(88)])).toBe(2)
  })

  it('must exist', () => {
    expect(() => safeChoice([edge])).toThrow(ConfigError)
    expect(() => safeChoice([edge])).toThrow(/edge\/d0 serves on the device/)
    expect(() => safeChoice([])).toThrow(/\(none\)/)
  })

  it('is found for a decision, index by index', () => {
    expect(decidedChoices([1, 0, 1], [end(1), edge])).toEqual([edge, end(1), edge])
    expect(decidedChoices([2, -1, 0.5, Number.NaN], [end(1), edge])).toEqual([])
  })
})
