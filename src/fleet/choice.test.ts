import { describe, expect, it } from 'vitest'
import { ConfigError } from '../errors.ts'
import { type Choice, choicesOf, decidedChoices, mostAccurate, safeChoice } from './choice.ts'
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
