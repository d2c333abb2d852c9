/** The best joint decision of a profile whose devices may escalate to shared nodes: loads are then fractions, which are planned. */
import { type Choice, loadedTier } from '../../../fleet/choice.ts'
import type { Availability, Decision, Problem } from '../../environment/environment.ts'
import { plan } from '../../planner/plan.ts'
import { edgeOfDevice, type Profile, profiledMs, profiledShare } from './oracle-profile.ts'

/** Whether a choice escalates to a node that others use too. */
export function escalatesAway(choice: Choice): boolean {
  return choice.escalation !== undefined && loadedTier(choice) !== 'end'
}

/**
 * Exact, but for what counting loads in parts of a user leaves, where the profile is what a node is: at every load the same beyond what it
 * takes alone, whoever asks. What a node takes is read from the first device and choice that may use it whole.
 * @throws ConfigError if the profile lacks a choice that is open, or no decision meets the goal
 */
export function planProfile(
  problem: Problem,
  profile: Profile,
  goalPercent: number,
  available: Availability,
): Decision {
  const { devices, choices } = problem
  const edgeOf = Array.from({ length: devices }, (_, device) => edgeOfDevice(profile, device))
  const isWhole = (tier: string, choice: number) =>
    choices[choice].placement.tier === tier && !choices[choice].escalation
  const curveOf = (tier: string, members: readonly number[]): Float64Array => {
    for (const device of members) {
      const choice = available[device].findIndex((open, index) => open && isWhole(tier, index))
      if (choice < 0) continue
      return Float64Array.from({ length: devices }, (_, others) =>
        profiledMs(profile, problem, device, choice, others + 1),
      )
    }
    return new Float64Array(0)
  }
  const everyone = edgeOf.map((_, device) => device)
  const edgeCurvesMs = Array.from({ length: 1 + Math.max(...edgeOf) }, (_, edge) =>
    curveOf(
      'edge',
      everyone.filter((device) => edgeOf[device] === edge),
    ),
  )
  const cloudCurveMs = curveOf('cloud', everyone)
  const shares = everyone.flatMap((device) =>
    choices.map((_, choice) => profiledShare(profile, problem, device, choice)),
  )
  const ownTimesMs = shares.map((share, at) => {
    const [device, choice] = [Math.floor(at / choices.length), at % choices.length]
    if (!available[device][choice]) return Infinity
    const tier = loadedTier(choices[choice])
    const curveMs = tier === 'cloud' ? cloudCurveMs : edgeCurvesMs[edgeOf[device]]
    const nodeMs = tier === 'end' ? 0 : (curveMs[0] ?? Infinity)
    return profiledMs(profile, problem, device, choice, 1) - share * nodeMs
  })
  const { decision } = plan({
    ...{ devices, choices, edgeCurvesMs, cloudCurveMs, goalPercent },
    ownTimesMs: Float64Array.from(ownTimesMs, (ms) => (ms === -Infinity ? Infinity : ms)),
    loads: Float64Array.from(shares),
    edgeOf: Int32Array.from(edgeOf),
  })
  return decision
}
