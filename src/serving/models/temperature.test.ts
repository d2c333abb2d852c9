import { expect, it } from 'vitest'
import { Random } from '../../random.ts'
import { probabilitiesOf } from './confidence.ts'
import { fitTemperature, meanLoss } from './temperature.ts'

/** Logits, and labels drawn by what these logits divided by `temperature` say. */
function drawn(temperature: number, pictures: number) {
  const random = new Random(3)
  const scores: Float32Array[] = []
  const labels: number[] = []
  for (let picture = 0; picture < pictures; picture++) {
    const logits = Float32Array.from({ length: 5 }, () => 3 * random.normal())
    let left = random.uniform()
    const probabilities = probabilitiesOf(logits, { kind: 'logits', temperature })
    const label = probabilities.findIndex((probability) => {
      left -= probability
      return left < 0
    })
    scores.push(logits)
    labels.push(Math.max(0, label))
  }
  return { scores, labels }
}

it.each([0.5, 1, 2.5])('finds the temperature %d that the labels were drawn at', (temperature) => {
  const { scores, labels } = drawn(temperature, 5000)
  expect(fitTemperature(scores, labels, 'logits') / temperature).toBeCloseTo(1, 1)
})

it('finds the least loss of all on a grid', () => {
  const { scores, labels } = drawn(1.7, 300)
  const found = fitTemperature(scores, labels, 'logits')
  const loss = (temperature: number) => meanLoss(scores, labels, { kind: 'logits', temperature })
  for (let candidate = 0.2; candidate < 8; candidate *= 1.02) {
    expect(loss(found)).toBeLessThanOrEqual(loss(candidate) + 1e-9)
  }
})

it('reads probabilities as it reads logits', () => {
  const { scores, labels } = drawn(0.7, 500)
  const probabilities = scores.map((logits) =>
    probabilitiesOf(logits, { kind: 'logits', temperature: 1 }),
  )
  expect(fitTemperature(probabilities, labels, 'probabilities')).toBeCloseTo(
    fitTemperature(scores, labels, 'logits'),
    4,
  )
})

it('ends within its bounds where no temperature is the best', () => {
  const certain = [[1, 0]]
  expect(fitTemperature(certain, [0], 'probabilities')).toBeGreaterThanOrEqual(0.0999)
  expect(fitTemperature(certain, [1], 'probabilities')).toBeLessThanOrEqual(10.001)
})

it('is the mean of -ln p of the right classes', () => {
  const loss = meanLoss(
    [
      [0.5, 0.5],
      [0.25, 0.75],
    ],
    [0, 0],
    {
      kind: 'probabilities',
      temperature: 1,
    },
  )
  expect(loss).toBeCloseTo((Math.log(2) + Math.log(4)) / 2, 12)
})
