import { expect, test } from 'vitest'
import { choicesOf, formatChoice, loadedTier } from '../../fleet/choice.ts'
import { fewChoices } from './few-choices.ts'

const ladder = [
  { name: 'big', accuracyPercent: 92.7, megaMacs: 8 },
  { name: 'small', accuracyPercent: 89.8, megaMacs: 1 },
  { name: 'tiny', accuracyPercent: 88, megaMacs: 0.5 },
]
const cascades = ['small', 'tiny'].map((small, less) => ({
  small,
  large: 'big',
  points: [5, 10, 20, 30].map((escalatedPercent) => ({
    margin: escalatedPercent / 40,
    escalatedPercent,
    accuracyPercent: 90 + escalatedPercent / 12 - less,
  })),
}))
const choices = choicesOf(ladder, cascades)

test('all where there is room: 29 choices of four devices are fewer than a million decisions', () => {
  expect(choices).toHaveLength(5 + 24)
  expect(fewChoices(choices, 4)).toEqual(choices)
  expect(fewChoices(choices, 1)).toEqual(choices)
})

test('15 for five devices: all that do not escalate, and of every tier what is far apart', () => {
  const few = fewChoices(choices, 5)
  expect(few).toHaveLength(15)
  expect(few.slice(0, 5)).toEqual(choices.slice(0, 5))
  const escalating = few.slice(5)
  expect(escalating.every((choice) => choices.includes(choice))).toBe(true)
  const ofTier = (tier: string) => escalating.filter((choice) => loadedTier(choice) === tier)
  expect([ofTier('end'), ofTier('edge'), ofTier('cloud')].map(({ length }) => length)).toEqual([
    4, 3, 3,
  ])
  // The most accurate, the least accurate of those that nothing beats, and one between.
  expect(ofTier('edge').map(formatChoice)).toEqual([
    'end/small>edge/big@0.25',
    'end/small>edge/big@0.75',
    'end/tiny>edge/big@0.125',
  ])
})

test('where even those that do not escalate are too many, those: whoever searches them says so', () => {
  expect(fewChoices(choices, 20)).toEqual(choices.slice(0, 5))
  const plain = choices.slice(0, 5)
  expect(fewChoices(plain, 20)).toEqual(plain)
})
