/** One thing a device may do with its request, and what is known of it. */
import { ConfigError } from '../errors.ts'
import { formatPlacement, type Placement } from './placement.ts'

/** Family of the numbers that most of a model's weights are stored in; variants of one family run alike on a device. */

export type Precision = 'FP32' | 'FP16' | 'INT8'

/** What a variant costs on any machine, counted from its ONNX file; what nobody has counted is absent. */
export interface VariantFacts {
  /** Millions of multiply-accumulates of one inference. */
  readonly megaMacs?: number
  /** Size of the model file. */
  readonly bytes?: number
  readonly precision?: Precision
}

/** A placement, how accurate its variant is, and what is known of that variant: nobody looks it up by its name. */
export interface Choice extends VariantFacts {
  readonly placement: Placement
  /** Known accuracy of the variant; it counts in hundredths of a percent (see `goal.ts`). */
  readonly accuracyPercent: number
}

/** The first of the most accurate. @throws ConfigError where there is none */
export function mostAccurate<Rated extends { readonly accuracyPercent: number }>(
  rated: readonly Rated[],
): Rated {
  const [first, ...rest] = rated
  if (first === undefined) throw new ConfigError('there is no variant: give at least one')
  return rest.reduce(
    (best, one) => (one.accuracyPercent > best.accuracyPercent ? one : best),
    first,
  )
}

/**
 * The action space of the HL paper, section II-B(b): every variant on the device, the most accurate one at the edge and in the cloud.
 * Shape [variants + 2].
 */
export function choicesOf(
  variants: readonly ({ readonly name: string; readonly accuracyPercent: number } & VariantFacts)[],
): Choice[] {
  const choice = (
    tier: Placement['tier'],
    { name, accuracyPercent, megaMacs, bytes, precision }: (typeof variants)[number],
  ): Choice => ({
    placement: { tier, variant: name },
    accuracyPercent,
    ...(megaMacs !== undefined && { megaMacs }),
    ...(bytes !== undefined && { bytes }),
    ...(precision !== undefined && { precision }),
  })
  const best = mostAccurate(variants)
  return [
    ...variants.map((variant) => choice('end', variant)),
    choice('edge', best),
    choice('cloud', best),
  ]
}

/**
 * Index of the choice that needs no other node and is the most accurate of those: what every device does before anything is
 * learned, and whenever nothing better is known to keep the goal.
 * @throws ConfigError when no choice serves on the device
 */
export function safeChoice(choices: readonly Choice[]): number {
  const local = choices.filter(({ placement }) => placement.tier === 'end')
  if (local.length === 0) {
    const given = choices.map(({ placement }) => formatPlacement(placement)).join(', ')
    throw new ConfigError(`none of the choices ${given || '(none)'} serves on the device: add one`)
  }
  return choices.indexOf(mostAccurate(local))
}

/** The choices that a joint decision stands for; without those it names wrongly. Shape [devices]. */
export function decidedChoices(decision: readonly number[], choices: readonly Choice[]): Choice[] {
  return decision.flatMap((index) => choices[index] ?? [])
}
