/** How accurate requests remain that were to be served elsewhere and fall back. */
import { type Choice, decidedChoices } from '../fleet/choice.ts'
import { fallbackAccuraciesPercent, meetsGoal } from '../fleet/goal.ts'
import type { Availability, Decision } from '../learning/environment/environment.ts'

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
    const { placement, accuracyPercent } = choices[device] ?? {}
    return placement?.tier !== 'end' && (best[device] ?? 0) < (accuracyPercent ?? 0)
  })
  const risk = `the goal of ${goalPercent} % breaks if requests of ${poor.join(', ')} fall back: what these devices hold is not accurate enough; later rounds pay it back`
  return { leastPercent, risk }
}

/** Where there is none at all, no answer comes, and none counts. */
function bestFallbackPercent({ problem, state }: Decided, decided: Choice, device: number): number {
  const open = problem.choices.filter(
    ({ placement }, choice) =>
      state.available[device]?.[choice] && placement.tier !== decided.placement.tier,
  )
  const local = open.filter(({ placement }) => placement.tier === 'end')
  const fallbacks = local.length > 0 ? local : open
  if (fallbacks.length === 0) return decided.accuracyPercent
  return Math.max(...fallbacks.map(({ accuracyPercent }) => accuracyPercent))
}
