/**
 * Measures a catalogue's variants on labelled pictures: accuracies with their intervals, temperatures, confidence curves.
 *
 * What is fitted or chosen is so on held-out pictures, and measured on the others: temperatures, and the pairs and thresholds of
 * cascades. Without held-out pictures one half, drawn by lot, stands in for them. An accuracy has nothing fitted to it: it counts them all,
 * but for pictures that were given as held-out ones.
 */

import { ConfigError } from '../../errors.ts'
import type { Cascade } from '../../fleet/choice.ts'
import { shareInterval } from '../../fleet/share-interval.ts'
import { Random } from '../../random.ts'
import {
  type AllAnswers,
  type Answers,
  answersOf,
  type Infer,
  type KnownPicture,
} from './answers.ts'
import { cascadesOf, judged } from './cascades.ts'
import type { Catalogue, Variant } from './catalogue-schema.ts'
import { marginOf } from './confidence.ts'
import { fitTemperature } from './temperature.ts'

/** Which answers are right: the likeliest class, or one of the five likeliest. */
export type Metric = 'top-1' | 'top-5'

/** With fewer held-out pictures a temperature, or a threshold, would be mostly noise. */
const LEAST_HELD_OUT = 200
const HALVES_SEED = 1

/** What a variant came to. */
export interface EvaluatedVariant extends Pick<Variant, 'precision' | 'megaMacs'> {
  readonly variant: string
  readonly top1Percent: number
  readonly top5Percent: number
  /** 95 % interval of the metric, percent: [low, high]. */
  readonly interval: readonly [low: number, high: number]
  /** Absent with too few held-out pictures. */
  readonly temperature?: number
}

/** What pictures came to. */
export interface Evaluation {
  readonly metric: Metric
  /** In the catalogue's order. */
  readonly variants: readonly EvaluatedVariant[]
  /** Undefined with too few held-out pictures. */
  readonly cascades: readonly Cascade[] | undefined
  /** That accuracies count. */
  readonly pictures: number
  /** Classes that these pictures are of. */
  readonly classes: number
  /** On which temperatures and thresholds were chosen. */
  readonly heldOutPictures: number
  /** Names of files that are no readable picture; they count for nothing else. */
  readonly unreadable: readonly string[]
}

/** Of `evaluateCatalogue`. */
export interface EvaluateOptions {
  readonly metric: Metric
  readonly infer: Infer
  /** Pictures in work at a time. */
  readonly lanes: number
  /** Not among the others. */
  readonly heldOut?: readonly KnownPicture[] | undefined
  /** Called after each picture. */
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Runs every variant on every picture.
 * @param catalogue with multiply-accumulates counted
 * @throws ConfigError where no picture can be read, or scores are not what the catalogue calls them
 */
export async function evaluateCatalogue(
  catalogue: Catalogue,
  pictures: readonly KnownPicture[],
  { metric, infer, lanes, heldOut, onProgress }: EvaluateOptions,
): Promise<Evaluation> {
  const [fitted, rest] = heldOut ? [heldOut, pictures] : halves(pictures)
  let done = 0
  const onPicture = () => onProgress?.(++done, fitted.length + rest.length)
  const options = { infer, lanes, onPicture }
  const first = await answersOf(catalogue, fitted, { ...options, keepScores: true })
  const temperatures = temperaturesOf(catalogue, first)
  const tempered = {
    ...catalogue,
    variants: catalogue.variants.map(({ temperature: _, ...variant }, index) => {
      const temperature = temperatures?.[index]
      return temperature === undefined ? variant : { ...variant, temperature }
    }),
  }
  const second = await answersOf(tempered, rest, { ...options, keepScores: false })
  const counted = heldOut ? [second] : [first, second]
  return summary({ catalogue: tempered, metric, first, second, counted, isFitted: !!temperatures })
}

/** By lot, always the same one: pictures may come class by class, or the classes in turn. */
function halves(pictures: readonly KnownPicture[]): [fitted: KnownPicture[], rest: KnownPicture[]] {
  const random = new Random(HALVES_SEED)
  const isFitted = new Map(pictures.map((picture) => [picture, random.uniform() < 0.5]))
  return [
    pictures.filter((picture) => isFitted.get(picture)),
    pictures.filter((picture) => !isFitted.get(picture)),
  ]
}

interface Parts {
  /** With temperatures. */
  readonly catalogue: Catalogue
  readonly metric: Metric
  readonly first: AllAnswers
  readonly second: AllAnswers
  /** Those of the two that accuracies count. */
  readonly counted: readonly AllAnswers[]
  readonly isFitted: boolean
}

function summary({ catalogue, metric, first, second, counted, isFitted }: Parts): Evaluation {
  const labels = counted.flatMap((answers) => answers.labels)
  if (labels.length === 0) throw new ConfigError('none of the pictures can be read')
  const within = metric === 'top-1' ? 1 : 5
  const all = catalogue.variants.map((variant, index) => {
    const ranks = counted.flatMap(({ byVariant }) => byVariant[index]?.ranks ?? [])
    const rightWithin = (places: number) => ranks.filter((rank) => rank < places).length
    return { variant, rightWithin }
  })
  const variants = all.map(({ variant, rightWithin }) => {
    const { name, precision, megaMacs, temperature } = variant
    const { low, high } = shareInterval(rightWithin(within), labels.length)
    return {
      variant: name,
      precision,
      ...(megaMacs !== undefined && { megaMacs }),
      top1Percent: (100 * rightWithin(1)) / labels.length,
      top5Percent: (100 * rightWithin(5)) / labels.length,
      interval: [100 * low, 100 * high] as const,
      ...(temperature !== undefined && { temperature }),
    }
  })
  const twice = all.flatMap(({ variant, rightWithin }, index) => {
    const [one, other] = [first.byVariant[index], second.byVariant[index]]
    if (one === undefined || other === undefined) return []
    return {
      heldOut: judged(withMargins(one, catalogue, variant), within),
      test: judged(other, within),
      accuracy: rightWithin(within) / labels.length,
    }
  })
  return {
    metric,
    variants,
    cascades: isFitted && second.labels.length > 0 ? cascadesOf(twice) : undefined,
    pictures: labels.length,
    classes: new Set(labels).size,
    heldOutPictures: first.labels.length,
    unreadable: [...first.unreadable, ...second.unreadable],
  }
}

/** Rounded to thousandths; undefined with too few pictures. */
function temperaturesOf(
  { output }: Catalogue,
  { byVariant, labels }: AllAnswers,
): number[] | undefined {
  if (labels.length < LEAST_HELD_OUT) return undefined
  const kind = output.kind ?? 'probabilities'
  return byVariant.map(
    ({ scores }) => Math.round(1000 * fitTemperature(scores, labels, kind)) / 1000,
  )
}

/** The margins that the temperature, which was not known when they were taken, makes of the scores. */
function withMargins(
  answers: Answers,
  { output }: Catalogue,
  { temperature = 1 }: Variant,
): Answers {
  const how = { kind: output.kind ?? 'probabilities', temperature }
  return { ...answers, margins: answers.scores.map((scores) => marginOf(scores, how)) }
}
