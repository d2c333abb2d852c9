/** Runs every variant on labelled pictures and keeps what an accuracy and a confidence curve need. */
import { ConfigError, InvalidInputError, TooLargeError } from '../../errors.ts'
import type { Catalogue, Variant } from './catalogue-schema.ts'
import { howScored, marginOf } from './confidence.ts'
import type { LabelledPicture } from './labelled-pictures.ts'
import type { PictureValues } from './picture.ts'

/** What evaluation needs of a picture. */
export type KnownPicture = Pick<LabelledPicture, 'name' | 'label' | 'values'>

/** Runs one variant on one picture. @returns one score for each class, highest for the likeliest */
export type Infer = (variant: Variant, input: PictureValues) => Promise<ArrayLike<number>>

/** What one variant made of the pictures. All by picture, in the same order for all variants. */
export interface Answers {
  readonly variant: Variant
  /** How many classes score at least as high as the right one: 0 is right. */
  readonly ranks: readonly number[]
  readonly margins: readonly number[]
  /** As they came, to fit a temperature with; empty unless they were asked for. */
  readonly scores: readonly Float32Array[]
}

/** What came of all. */
export interface AllAnswers {
  /** In the catalogue's order. */
  readonly byVariant: readonly Answers[]
  /** Of the pictures that could be read. */
  readonly labels: readonly number[]
  /** Names of files that are no readable picture; they count for nothing else. */
  readonly unreadable: readonly string[]
}

/** Of `answersOf`. */
export interface AnswerOptions {
  readonly infer: Infer
  /** Pictures in work at a time. */
  readonly lanes: number
  readonly keepScores: boolean
  /** Called after each picture. */
  readonly onPicture: () => void
}

/** Probabilities of 16-bit models add up to 1 this nearly. */
const SUM_TOLERANCE = 0.02

/** @throws ConfigError for scores that are not what the catalogue calls them; what `infer` throws */
export async function answersOf(
  catalogue: Catalogue,
  pictures: readonly KnownPicture[],
  options: AnswerOptions,
): Promise<AllAnswers> {
  const rows = new Array<Answered[] | undefined>(pictures.length)
  const waiting = pictures.entries()
  const lane = async () => {
    for (const [index, picture] of waiting) {
      rows[index] = await answersTo(catalogue, picture, options)
      options.onPicture()
    }
  }
  await Promise.all(Array.from({ length: options.lanes }, lane))
  const readable = rows.flatMap((row) => (row ? [row] : []))
  const column = <T>(index: number, of: (answered: Answered) => T[]) =>
    readable.flatMap((row) => row.slice(index, index + 1).flatMap(of))
  return {
    byVariant: catalogue.variants.map((variant, index) => ({
      variant,
      ranks: column(index, ({ rank }) => [rank]),
      margins: column(index, ({ margin }) => [margin]),
      scores: column(index, ({ scores }) => (scores ? [scores] : [])),
    })),
    labels: pictures.flatMap(({ label }, index) => (rows[index] ? [label] : [])),
    unreadable: pictures.flatMap(({ name }, index) => (rows[index] ? [] : [name])),
  }
}

interface Answered {
  readonly rank: number
  readonly margin: number
  readonly scores: Float32Array | undefined
}

/** By variant; undefined for a picture that cannot be read. */
async function answersTo(
  catalogue: Catalogue,
  picture: KnownPicture,
  { infer, keepScores }: AnswerOptions,
): Promise<Answered[] | undefined> {
  const values = await picture.values().catch((error: unknown) => {
    if (error instanceof InvalidInputError || error instanceof TooLargeError) return undefined
    throw error
  })
  if (values === undefined) return undefined
  const answers: Answered[] = []
  for (const variant of catalogue.variants) {
    const scores = await infer(variant, values)
    const how = howScored(catalogue, variant.name)
    if (how.kind === 'probabilities') checkSum(scores, variant, picture)
    answers.push({
      rank: rankOf(picture.label, scores),
      margin: marginOf(scores, how),
      scores: keepScores ? Float32Array.from(scores) : undefined,
    })
  }
  return answers
}

function checkSum(
  scores: ArrayLike<number>,
  { name }: Variant,
  { name: picture }: KnownPicture,
): void {
  const sum = Array.from(scores).reduce((total, score) => total + score, 0)
  if (Number.isNaN(sum) || Math.abs(sum - 1) <= SUM_TOLERANCE) return
  throw new ConfigError(
    `the scores of variant ${name} for ${picture} add up to ${sum.toPrecision(4)}, not to 1: ` +
      'they are no probabilities; say "kind: logits" under "output" in the catalogue',
  )
}

/** How many classes score at least as high as the right one: 0 means it is first, alone. */
export function rankOf(label: number, scores: ArrayLike<number>): number {
  const right = scores[label] ?? -Infinity
  let rank = 0
  for (let index = 0; index < scores.length; index++) {
    if (index !== label && !((scores[index] ?? Number.NaN) < right)) rank += 1
  }
  return rank
}
