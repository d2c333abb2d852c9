/** How sure an answer is of itself: what escalation from a small variant to a large one goes by. */
import { InvalidInputError } from '../../errors.ts'
import { viewElements } from '../../protocol/datatypes.ts'
import { halfValue } from '../../protocol/half.ts'
import type { Tensor } from '../../protocol/messages.ts'
import type { Catalogue } from './catalogue-schema.ts'

/** How a variant's output is to be read. */
export interface Scores {
  /** Probabilities add up to 1; of logits only a softmax makes probabilities. */
  readonly kind: NonNullable<Catalogue['output']['kind']>
  /** Logits are divided by it before the softmax: above 1 it takes confidence away. Measured by `tierwise models evaluate`. */
  readonly temperature: number
}

/**
 * Margin of an answer: the lead p₁ − p₂ of the likeliest class over the second, after temperature. In [0, 1].
 * An answer with a score that is not a number is unsure: 0. One class alone is sure: 1.
 * @param scores of one picture, by class
 */
export function marginOf(scores: ArrayLike<number>, how: Scores): number {
  let first = 0
  let second = 0
  for (const probability of probabilitiesOf(scores, how)) {
    if (!(probability >= 0)) return 0
    if (probability > first) [first, second] = [probability, first]
    else if (probability > second) second = probability
  }
  return Math.min(1, first - second)
}

/**
 * softmax(logits / temperature), the logits of probabilities being their logarithms.
 * @param scores of one picture, by class
 * @returns by class; NaN everywhere where a score is not a number
 */
export function probabilitiesOf(
  scores: ArrayLike<number>,
  { kind, temperature }: Scores,
): Float64Array {
  const given = Float64Array.from(scores)
  if (kind === 'probabilities' && temperature === 1) return given
  const logits = kind === 'logits' ? given : given.map(Math.log)
  const highest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity)
  const powers = logits.map((logit) => Math.exp((logit - highest) / temperature))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}

/** How a variant's scores are to be read. @param variant one of the catalogue's */
export function howScored({ output, variants }: Catalogue, variant: string): Scores {
  const temperature = variants.find(({ name }) => name === variant)?.temperature ?? 1
  return { kind: output.kind ?? 'probabilities', temperature }
}

/** The scores in an output tensor, row-major. @throws InvalidInputError for one that is not of floating-point numbers */
export function scoresIn(tensor: Pick<Tensor, 'name' | 'datatype' | 'data'>): ArrayLike<number> {
  const elements = viewElements(tensor)
  if (elements instanceof Float32Array || elements instanceof Float64Array) return elements
  if (tensor.datatype === 'FP16' && elements instanceof Uint16Array) {
    return Float32Array.from(elements, halfValue)
  }
  throw new InvalidInputError(
    `output "${tensor.name}" is ${tensor.datatype}: scores are FP32, FP16 or FP64`,
  )
}
