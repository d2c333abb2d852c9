import { expect, it } from 'vitest'
import { fallbackVariant } from './device-model.ts'

/** Accuracies of Table III (HL paper). */
const accuracies = {
  d0: 89.9,
  d1: 88.2,
  d2: 84.9,
  d3: 74.2,
  d4: 88.9,
  d5: 87.0,
  d6: 83.2,
  d7: 72.8,
}
const catalogue = {
  variants: Object.entries(accuracies).map(([name, accuracyPercent]) => ({
    name,
    accuracyPercent,
    file: '',
    precision: 'FP32' as const,
    accuracySource: '',
  })),
}
const unmeasured = () => undefined
/** Medians measured on one machine, ms: d7 is slower than d3, its FP32 twin. */
const measured = (name: string) =>
  ({ d0: 4.99, d1: 2.83, d2: 1.26, d3: 0.46, d4: 1.94, d5: 1.41, d6: 0.82, d7: 0.61 })[name]

it.each([
  [0, 'd3'],
  [72.8, 'd3'],
  [75, 'd6'],
  [84, 'd2'],
  [85, 'd5'],
  [88, 'd4'],
  [89.9, 'd0'],
])('falls back to the fastest that is accurate enough: at least %d %% is %s', (least, expected) => {
  expect(fallbackVariant(catalogue, least, measured).name).toBe(expected)
})

it.each([
  [0, 'd7'],
  [80, 'd6'],
  [85, 'd5'],
  [88.5, 'd4'],
])(
  'takes the less accurate for the faster before anything is measured: %d %% is %s',
  (least, expected) => {
    expect(fallbackVariant(catalogue, least, unmeasured).name).toBe(expected)
  },
)

it('prefers what is measured to what is not', () => {
  const onlyD0 = (name: string) => (name === 'd0' ? 5 : undefined)
  expect(fallbackVariant(catalogue, 80, onlyD0).name).toBe('d0')
})

it('serves the most accurate when none is accurate enough', () => {
  expect(fallbackVariant(catalogue, 95, measured).name).toBe('d0')
})
