/** Temperature scaling (Guo et al. 2017): the one number that makes a variant's confidence match how often it is right. */
import { probabilitiesOf, type Scores } from './confidence.ts'

const LOWEST = 0.1
const HIGHEST = 10
/** Each narrows the bracket to 0.618 of its width: 10⁻⁶ of it in the end. */
const STEPS = 30
const GOLDEN = (Math.sqrt(5) - 1) / 2
/** What a class that is ruled out is taken to have: its logarithm must be finite. */
const LEAST_PROBABILITY = 1e-12

/**
 * The temperature of the least mean negative log-likelihood of the right classes. That has one minimum in 1 / temperature, which a
 * golden-section search on its logarithm finds.
 * @param scores by picture and class
 * @param labels the right classes, by picture
 * @returns in [0.1, 10]
 */
export function fitTemperature(
  scores: readonly ArrayLike<number>[],
  labels: readonly number[],
  kind: Scores['kind'],
): number {
  const usable = kind === 'logits' ? scores : scores.map(withoutZeros)
  const loss = (logarithm: number) =>
    meanLoss(usable, labels, { kind, temperature: Math.exp(logarithm) })
  let low = Math.log(LOWEST)
  let high = Math.log(HIGHEST)
  let left = high - GOLDEN * (high - low)
  let right = low + GOLDEN * (high - low)
  let leftLoss = loss(left)
  let rightLoss = loss(right)
  for (let step = 0; step < STEPS; step++) {
    if (leftLoss < rightLoss) {
      high = right
      right = left
      rightLoss = leftLoss
      left = high - GOLDEN * (high - low)
      leftLoss = loss(left)
    } else {
      low = left
      left = right
      leftLoss = rightLoss
      right = low + GOLDEN * (high - low)
      rightLoss = loss(right)
    }
  }
  return Math.exp((low + high) / 2)
}

/** Mean negative log-likelihood of the right classes. */
export function meanLoss(
  scores: readonly ArrayLike<number>[],
  labels: readonly number[],
  how: Scores,
): number {
  const losses = scores.map((one, picture) => {
    const right = probabilitiesOf(one, how)[labels[picture] ?? 0] ?? 0
    return -Math.log(Math.max(right, LEAST_PROBABILITY))
  })
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length
}

function withoutZeros(probabilities: ArrayLike<number>): Float64Array {
  return Float64Array.from(probabilities, (one) => Math.max(one, LEAST_PROBABILITY))
}
