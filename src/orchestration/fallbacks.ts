/** How accurate requests remain that were to be served elsewhere and fall back. */
import { type Choice, decidedChoices, loadedTier } from '../fleet/choice.ts'
import { fallbackAccuraciesPercent, meetsGoal } from '../fleet/goal.ts'
import type { Availability, Decision } from '../learning/environment/environment.ts'

/** Devices that a sentence tells by name. */
const MAX_NAMED = 10

/** A joint decision, and what devices may do beside it. */
interface Decided {
  readonly problem: { readonly choices: readonly Choice[] }
  /** Names. Shape [devices]. */
  readonly devices: readonly string[]
  readonly state: { readonly available: Availability }
  readonly decision: Decision
  readonly goalPercent: number
}

/** What falling back is to be, and what it would break. */
export interface Fallbacks {
  /** Of each device, at least. Shape [devices]. */
  readonly leastPercent: readonly number[]
  /** Where the goal is broken if all fall back: what is said of it. */
  readonly risk?: string
}

/** A device falls back to what it holds; one that holds nothing, to the other tier. */
export function fallbacksOf(decided: Decided): Fallbacks {
  const { problem, devices, decision, goalPercent } = decided
  const choices = decidedChoices(decision, problem.choices)
  const best = choices.map((choice, device) => bestFallbackPercent(decided, choice, device))
  const leastPercent = fallbackAccuraciesPercent(choices, goalPercent, best)
  if (meetsGoal(leastPercent, goalPercent)) return { leastPercent }
  const poor = devices.filter((_, device) => {
    const choice = choices[device]
    return choice && loadedTier(choice) !== 'end' && (best[device] ?? 0) < choice.accuracyPercent
  })
  const others = poor.length > MAX_NAMED ? ` and ${poor.length - MAX_NAMED} more` : ''
  const named = poor.slice(0, MAX_NAMED).join(', ') + others
  const risk = `the goal of ${goalPercent} % breaks if requests of ${named} fall back: what these devices hold is not accurate enough; later rounds pay it back`
  return { leastPercent, risk }
}

/** Of what escalates, the first answer, which is there already. Where there is none at all, no answer comes, and none counts. */
function bestFallbackPercent({ problem, state }: Decided, decided: Choice, device: number): number {
  const { placement: first, escalation } = decided
  const open = problem.choices.filter((choice, index) => {
    const { tier, variant } = choice.placement
    if (choice.escalation || !state.available[device]?.[index]) return false
    return escalation ? tier === first.tier && variant === first.variant : tier !== first.tier
  })
  const local = open.filter(({ placement }) => placement.tier === 'end')
  const fallbacks = local.length > 0 ? local : open
  if (fallbacks.length === 0) return decided.accuracyPercent
  return Math.max(...fallbacks.map(({ accuracyPercent }) => accuracyPercent))
}
