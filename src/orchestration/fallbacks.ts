/** How accurate requests remain that were to be served elsewhere and fall back. */
import type { DeviceGoal } from '../control/messages.ts'
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
  readonly serving: Availability
  readonly decision: Decision
  readonly goalPercent: number
  readonly deviceGoals: Readonly<Record<string, Pick<DeviceGoal, 'goalPercent'>>>
}

/** What falling back is to be, and what it would break. */
export interface Fallbacks {
  /** Of each device, at least. Shape [devices]. */
  readonly leastPercent: readonly number[]
  /** Where the goal, or a device's own, is broken if all fall back: what is said of it. */
  readonly risk?: string
}

/** A device falls back to what it holds; one that holds nothing, to the other tier. */
export function fallbacksOf(decided: Decided): Fallbacks {
  const { problem, devices, decision, goalPercent, deviceGoals } = decided
  const choices = decidedChoices(decision, problem.choices)
  const best = choices.map((choice, device) => bestFallbackPercent(decided, choice, device))
  const leastPercent = fallbackAccuraciesPercent(choices, goalPercent, best)
  const losing = choices.flatMap((choice, device) => {
    const fallbackPercent = best[device] ?? 0
    const isPoor = loadedTier(choice) !== 'end' && fallbackPercent < choice.accuracyPercent
    return isPoor ? { name: devices[device] ?? '', fallbackPercent } : []
  })
  const belowOwn = losing.filter(({ name, fallbackPercent }) => {
    const own = deviceGoals[name]
    return own !== undefined && !meetsGoal([fallbackPercent], own.goalPercent)
  })
  const risks = [
    meetsGoal(leastPercent, goalPercent) ? [] : riskOf(`the goal of ${goalPercent} %`, losing),
    belowOwn.length === 0 ? [] : riskOf('their own goal', belowOwn),
  ].flat()
  return { leastPercent, ...(risks.length > 0 && { risk: risks.join('; ') }) }
}

function riskOf(what: string, losing: readonly { readonly name: string }[]): string {
  const others = losing.length > MAX_NAMED ? ` and ${losing.length - MAX_NAMED} more` : ''
  const names = losing.slice(0, MAX_NAMED).map(({ name }) => name)
  const named = names.join(', ') + others
  return `${what} breaks if requests of ${named} fall back: what these devices hold is not accurate enough; later rounds pay it back`
}

/** Of what escalates, the first answer, which is there already. Where there is none at all, no answer comes, and none counts. */
function bestFallbackPercent(
  { problem, serving }: Decided,
  decided: Choice,
  device: number,
): number {
  const { placement: first, escalation } = decided
  const open = problem.choices.filter((choice, index) => {
    const { tier, variant } = choice.placement
    if (choice.escalation || !serving[device]?.[index]) return false
    return escalation ? tier === first.tier && variant === first.variant : tier !== first.tier
  })
  const local = open.filter(({ placement }) => placement.tier === 'end')
  const fallbacks = local.length > 0 ? local : open
  if (fallbacks.length === 0) return decided.accuracyPercent
  return Math.max(...fallbacks.map(({ accuracyPercent }) => accuracyPercent))
}
