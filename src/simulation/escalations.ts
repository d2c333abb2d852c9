/** Single requests of a round in which some devices escalate: who does, and what each then takes, but for the noise. */
import { loadedTier, type Stages } from '../fleet/choice.ts'
import type { Decision, Escalated } from '../learning/environment/environment.ts'
import type { PlanningProblem } from '../learning/planner/problem.ts'
import type { Random } from '../random.ts'
import { nodeOf, shareIn, type World } from './world.ts'

/**
 * All requests of a round meet: a node's users are those sent there whole and those that escalate.
 * @param stages of its choices
 * @param truth of this world, with the decision's choices open
 * @returns undefined for devices whose choice does not escalate. Shape [devices]
 */
export function drawEscalations(
  world: World,
  stages: readonly (Stages | undefined)[],
  truth: PlanningProblem,
  decision: Decision,
  random: Random,
): (Escalated | undefined)[] {
  const { choices } = world
  const { devices, ownTimesMs, edgeCurvesMs, cloudCurveMs } = truth
  const goesOn = decision.map(
    (choice, device) => !stages[choice] || random.uniform() < shareIn(world, device, choice),
  )
  const users = new Map<number, number>()
  for (const [device, choice] of decision.entries()) {
    const node = nodeOf(world, device, choice)
    users.set(node, (users.get(node) ?? 0) + Number(goesOn[device]))
  }
  const curves = [...edgeCurvesMs, cloudCurveMs]
  return decision.map((choice, device) => {
    const stage = stages[choice]
    if (!stage) return undefined
    const own = (index: number) => ownTimesMs[device * choices.length + index]
    const firstMs = own(stage.first)
    if (!goesOn[device]) return { escalated: false, firstMs, responseTimeMs: firstMs }
    const node = nodeOf(world, device, choice)
    const isShared = loadedTier(choices[choice]) !== 'end'
    const curveMs = isShared ? curves[node - devices][(users.get(node) ?? 1) - 1] : 0
    const legMs = (own(choice) - firstMs) / shareIn(world, device, choice)
    return { escalated: true, firstMs, responseTimeMs: firstMs + legMs + curveMs }
  })
}
