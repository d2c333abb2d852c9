/** Fewer choices for agents that look at every joint decision: of what escalates, the points that are worth most. */
import { type Choice, loadedTier, stagesOf } from '../../fleet/choice.ts'
import { TIERS } from '../../fleet/placement.ts'
import { MAX_JOINT_DECISIONS } from './feasible.ts'

/**
 * All choices where their joint decisions can be searched. Else those that do not escalate, and of those that do as many as there is room
 * for, from tier to tier in turn: of the points that nothing beats on accuracy and expected multiply-accumulates first the most accurate,
 * then whatever is farthest in accuracy from those taken.
 */
export function fewChoices(choices: readonly Choice[], devices: number): Choice[] {
  const room = Math.floor(MAX_JOINT_DECISIONS ** (1 / devices) + 1e-9)
  const taken = choices.filter(({ escalation }) => !escalation)
  if (choices.length <= room || taken.length === choices.length) return [...choices]
  const stages = stagesOf(choices)
  const costs = new Map(
    choices.map((choice, index) => {
      const second = choices[stages[index]?.second ?? index]
      const { share = 0 } = choice.escalation ?? {}
      return [choice, (choice.megaMacs ?? 0) + share * (second.megaMacs ?? 0)]
    }),
  )
  const costOf = (choice: Choice) => costs.get(choice) ?? 0
  /** By tier, those that no other of the tier reaches for as little. */
  const worthy = TIERS.map((tier) => {
    const own = choices.filter((each) => each.escalation && loadedTier(each) === tier)
    return own.filter(
      (one) =>
        !own.some(
          (other) =>
            other !== one &&
            other.accuracyPercent >= one.accuracyPercent &&
            costOf(other) <= costOf(one) &&
            (costOf(other) < costOf(one) || own.indexOf(other) < own.indexOf(one)),
        ),
    )
  })
  const kept = new Set<Choice>()
  for (let turn = 0; taken.length + kept.size < room; turn++) {
    const candidates = (worthy[turn % TIERS.length] ?? []).filter((each) => !kept.has(each))
    if (worthy.every((each) => each.every((choice) => kept.has(choice)))) break
    const others = [...kept].filter((each) => loadedTier(each) === TIERS[turn % TIERS.length])
    const distanceOf = (choice: Choice) =>
      others.length === 0
        ? choice.accuracyPercent
        : Math.min(
            ...others.map((other) => Math.abs(other.accuracyPercent - choice.accuracyPercent)),
          )
    const [first, ...rest] = candidates
    if (first === undefined) continue
    kept.add(
      rest.reduce((best, each) => (distanceOf(each) > distanceOf(best) ? each : best), first),
    )
  }
  return choices.filter((choice) => !choice.escalation || kept.has(choice))
}
