/**
 * Confidence curves: small variant first, large one where the small one's margin is below a threshold τ.
 *
 *     share(τ)    = P(margin < τ)
 *     accuracy(τ) = P(margin ≥ τ and small right) + P(margin < τ and large right)
 *
 * Pairs and thresholds are chosen on held-out pictures; what they come to is measured on others. Chosen and measured on the same
 * ones, the best of many would look better than it is.
 */
import type { Cascade } from '../../fleet/choice.ts'
import { hundredthsOf } from '../../fleet/goal.ts'
import type { Answers } from './answers.ts'
import type { Variant } from './catalogue-schema.ts'

/** Shares escalated that thresholds are sought for: at most six points a pair. */
const SHARES = [0.05, 0.1, 0.15, 0.2, 0.3, 0.4]
/** Thresholds are written in thousandths. */
const MARGIN_STEPS = 1000

/** One variant's answers to the same pictures as the other's. */
export interface Judged {
  readonly variant: Variant
  /** By picture. */
  readonly isRight: readonly boolean[]
  /** By picture. */
  readonly margins: readonly number[]
}

/** @param within a right answer is one of so many likeliest classes */
export function judged({ variant, ranks, margins }: Answers, within: number): Judged {
  return { variant, margins, isRight: ranks.map((rank) => rank < within) }
}

/** Share of right answers, in [0, 1]. */
export function accuracyOf({ isRight }: Pick<Judged, 'isRight'>): number {
  return isRight.filter(Boolean).length / isRight.length
}

/** What a pair comes to at a threshold. Both in [0, 1]. */
export function pairAt(
  small: Judged,
  large: Judged,
  margin: number,
): { readonly share: number; readonly accuracy: number } {
  let escalated = 0
  let right = 0
  for (const [picture, sureness] of small.margins.entries()) {
    const answers = sureness < margin ? large : small
    if (answers === large) escalated += 1
    if (answers.isRight[picture]) right += 1
  }
  return { share: escalated / small.margins.length, accuracy: right / small.margins.length }
}

/** A pair at a threshold, as the held-out pictures show it. */
interface Candidate {
  readonly small: Judged
  readonly large: Judged
  readonly margin: number
  readonly share: number
  readonly accuracy: number
  /** Expected, of both stages. */
  readonly megaMacs: number
}

/** A variant's answers to both sets of pictures, and its share of right answers to all that its accuracy counts. */
export interface TwiceJudged {
  readonly heldOut: Judged
  readonly test: Judged
  /** In [0, 1]. */
  readonly accuracy: number
}

/**
 * The pairs and thresholds worth having, chosen on the held-out pictures and measured on the test pictures. A pair's accuracy is the
 * large variant's less what the pair loses against it on the test pictures: so it compares with the variants' own, also where those
 * count more pictures.
 * @param variants whose multiply-accumulates are counted
 */
export function cascadesOf(variants: readonly TwiceJudged[]): Cascade[] {
  const rungs = keptRungs(variants.map(({ heldOut }) => heldOut))
  const candidates = pairsOf(rungs).flatMap(([small, large]) => candidatesOf(small, large))
  const useful = candidates.filter(
    (one) =>
      one.accuracy > accuracyOf(one.small) &&
      !rungs.some((rung) => macsOf(rung) <= one.megaMacs && accuracyOf(rung) >= one.accuracy) &&
      !candidates.some((other) => dominates(other, one)),
  )
  return pairsOf(rungs).flatMap(([small, large]) => {
    const points = useful
      .filter((one) => one.small === small && one.large === large)
      .map(({ margin }) => measured(small, large, margin, variants))
      .filter(isBest)
    return points.length > 0
      ? [{ small: small.variant.name, large: large.variant.name, points }]
      : []
  })
}

/** Those that nothing cheaper equals, nor anything of their cost and precision: INT8 may be faster than FP32 here and slower there. */
function keptRungs(variants: readonly Judged[]): Judged[] {
  return variants.filter(
    (one) =>
      !variants.some((other) => {
        const gain = accuracyOf(other) - accuracyOf(one)
        if (macsOf(other) < macsOf(one)) return gain >= 0
        const isAlike = macsOf(other) === macsOf(one)
        return isAlike && other.variant.precision === one.variant.precision && gain > 0
      }),
  )
}

/** Small before large, both of one precision; the most accurate variant serves all, since edge and cloud hold it. */
function pairsOf(rungs: readonly Judged[]): [small: Judged, large: Judged][] {
  const highest = Math.max(...rungs.map(accuracyOf))
  return rungs.flatMap((small) =>
    rungs
      .filter(
        (large) =>
          macsOf(small) < macsOf(large) &&
          accuracyOf(small) < accuracyOf(large) &&
          (small.variant.precision === large.variant.precision || accuracyOf(large) === highest),
      )
      .map((large): [Judged, Judged] => [small, large]),
  )
}

function candidatesOf(small: Judged, large: Judged): Candidate[] {
  const sorted = small.margins.toSorted((one, other) => one - other)
  const margins = SHARES.map((share) => {
    const quantile = sorted[Math.floor(share * sorted.length)] ?? 1
    return Math.min(1, Math.max(1, Math.round(quantile * MARGIN_STEPS)) / MARGIN_STEPS)
  })
  return [...new Set(margins)].map((margin) => {
    const { share, accuracy } = pairAt(small, large, margin)
    const megaMacs = macsOf(small) + share * macsOf(large)
    return { small, large, margin, share, accuracy, megaMacs }
  })
}

/** Escalates no more to the same variant, from one that costs no more, and is as accurate; and is better in one of the three. */
function dominates(one: Candidate, other: Candidate): boolean {
  if (one.large !== other.large) return false
  if (one.small.variant.precision !== other.small.variant.precision) return false
  const gains = [
    macsOf(other.small) - macsOf(one.small),
    other.share - one.share,
    one.accuracy - other.accuracy,
  ]
  return gains.every((gain) => gain >= 0) && gains.some((gain) => gain > 0)
}

function measured(
  small: Judged,
  large: Judged,
  margin: number,
  variants: readonly TwiceJudged[],
): Cascade['points'][number] {
  const find = (judged: Judged) => variants.find(({ heldOut }) => heldOut === judged)
  const [smaller, larger] = [find(small), find(large)]
  if (smaller === undefined || larger === undefined) throw new RangeError('no such variant')
  const { share, accuracy } = pairAt(smaller.test, larger.test, margin)
  const lost = accuracyOf(larger.test) - accuracy
  const percent = Math.min(100, Math.max(0, 100 * (larger.accuracy - lost)))
  return {
    margin,
    escalatedPercent: Math.round(share * 10_000) / 100,
    accuracyPercent: hundredthsOf(percent) / 100,
  }
}

/** Whether no point before it, which escalates less, is as accurate: what held-out pictures promised may not show on others. */
function isBest(
  { accuracyPercent }: Cascade['points'][number],
  index: number,
  points: Cascade['points'],
): boolean {
  return points.slice(0, index).every((other) => other.accuracyPercent < accuracyPercent)
}

function macsOf({ variant }: Judged): number {
  return variant.megaMacs ?? 0
}
