/** What people read of an answer, wherever they look: on the page, in a report, in a terminal. */
import type { Tier } from '../fleet/placement.ts'
import type { Measured, TestAnswer } from './schemas-test-answers.ts'

/** Where a request is served. */
export const TIER_WORDS: Readonly<Record<Tier, string>> = {
  end: 'on the device',
  edge: 'at the edge',
  cloud: 'in the cloud',
}

/** The tier of a choice's first placement; undefined where the text is none. */
export function tierOf(choice: string | undefined): Tier | undefined {
  const [tier] = choice?.split('/') ?? []
  return tier === 'end' || tier === 'edge' || tier === 'cloud' ? tier : undefined
}

/** `Coat 54.2 %` */
export function answerWords({ label, probability }: TestAnswer): string {
  return probability === undefined ? label : `${label} ${(100 * probability).toFixed(1)} %`
}

/** `right`, or `wrong: labelled Shirt`. */
export function truthWords({ right, truth }: TestAnswer): string {
  return right ? 'right' : `wrong: labelled ${truth}`
}

/** `d4 on the device, unsure (margin 0.12, below 0.51); then d0 at the edge` */
export function servedWords({ decided, served, escalated, margin }: TestAnswer): string {
  const [first = '', escalation] = decided.split('>')
  const [to, threshold] = escalation?.split('@') ?? []
  if (margin === undefined) {
    const isDecided = served === first || served === to
    return `${placeWords(served)}${isDecided ? '' : ` in place of ${decided}`}`
  }
  if (!escalated) return `${placeWords(first)}, sure (margin ${margin.toFixed(2)})`
  const unsure = `${placeWords(first)}, unsure (margin ${margin.toFixed(2)}, below ${threshold})`
  return served === first
    ? `${unsure}; no better answer came`
    : `${unsure}; then ${placeWords(served)}`
}

function placeWords(placement: string): string {
  const tier = tierOf(placement)
  return tier === undefined ? placement : `${placement.slice(tier.length + 1)} ${TIER_WORDS[tier]}`
}

/** How a measured accuracy stands to a goal: both are percent. */
export function goalWords({ interval: [low, high] }: Measured, goalPercent: number): string {
  const where = goalPercent < low ? 'below' : goalPercent > high ? 'above' : 'within'
  return `the goal of ${Number(goalPercent.toFixed(2))} % is ${where} that`
}

/** A goal that a device may have. */
export function ownGoalWords(goalPercent: number | 'none'): string {
  return goalPercent === 'none' ? 'none' : `${goalPercent} %`
}
