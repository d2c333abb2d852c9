/**
 * How often a device escalates. Choices state a share for every margin, but the truth belongs to the device's pictures: a camera that
 * sees hard ones escalates more at all margins. So each device has one factor for all choices that begin with the same variant,
 *
 *     p_i(c) = stated(c) · (w s + escalated) / (w s + s n)      s: what its n answers' choices stated, on average
 *
 * With one margin that is the mean of a Beta prior that counts like w answers. The latest answers count: pictures change.
 */

/** A device's answers of choices that begin with one variant. Plain data. */
export interface ShareCount {
  answers: number
  escalated: number
  /** Sum of the shares that their choices stated. */
  stated: number
}

/** Answers that what a choice states counts like. */
const PRIOR_ANSWERS = 100
/** Answers that are remembered: older ones fade. */
const MOST_ANSWERS = 2000

/** @param counts by index of the first variant's own choice */
export function countAnswer(
  counts: Map<number, ShareCount>,
  first: number,
  stated: number,
  escalated: boolean,
): void {
  const count = counts.get(first) ?? { answers: 0, escalated: 0, stated: 0 }
  const kept = Math.min(1, (MOST_ANSWERS - 1) / Math.max(1, count.answers))
  counts.set(first, {
    answers: kept * count.answers + 1,
    escalated: kept * count.escalated + Number(escalated),
    stated: kept * count.stated + stated,
  })
}

/** The share that is expected of a device where a choice states one. In [0, 1]. */
export function learnedShare(count: ShareCount | undefined, stated: number): number {
  if (!count || count.stated === 0) return stated
  const average = count.stated / count.answers
  const factor =
    (PRIOR_ANSWERS * average + count.escalated) / (average * (PRIOR_ANSWERS + count.answers))
  return Math.min(1, stated * factor)
}
