/** What was measured before the start, for those who would otherwise have to learn it. */
import { ConfigError, messageOf } from '../errors.ts'
import { readTextFile } from '../files.ts'
import {
  type Profile,
  parseProfile,
  predictProfile,
  profiledMs,
} from '../learning/agents/baselines/oracle-profile.ts'
import type { Answer, Decision, Problem, State } from '../learning/environment/environment.ts'
import { safeRule, unobservedState } from './fixed-rule.ts'
import { meanAnsweredMs } from './unanswered.ts'

/** @throws ConfigError naming the file */
export async function readProfile(file: string): Promise<Profile> {
  try {
    return parseProfile(JSON.parse(await readTextFile(file)))
  } catch (error) {
    throw new ConfigError(`the profile ${file} cannot be used: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** How many devices a profile is of. */
function devicesOf({ responseTimesMs }: Profile): number {
  return Object.values(responseTimesMs)[0]?.length ?? 0
}

/**
 * The profile as if requests had been answered so: one answer for every device, choice that it could take and number of users:
 * the device with that choice, the others as safe as they can be; none of choices that escalate. None when the profile is of another number of devices.
 * @throws ConfigError if the profile lacks a placement
 */
export function profileAnswers(problem: Problem, profile: Profile, state: State): Answer[] {
  const { devices, choices } = problem
  if (devicesOf(profile) !== devices) return []
  const idle = safeRule.decide(problem, { ...state, goalPercent: 0 })
  return choices.flatMap(({ placement, escalation }, choice) => {
    // What escalates is known from its two stages.
    if (escalation) return []
    const loads = placement.tier === 'end' ? 1 : devices
    return idle.flatMap((_, device) => {
      // A tier that is down comes back; a variant that a device lacks does not.
      if (placement.tier === 'end' && !state.available[device]?.[choice]) return []
      const decision = idle.with(device, choice)
      return Array.from({ length: loads }, (_, others): Answer => {
        const users = others + 1
        const responseTimeMs = profiledMs(profile, problem, device, choice, users)
        return { state, decision, device, responseTimeMs, ...(users > 1 && { users }) }
      }).filter(({ responseTimeMs }) => Number.isFinite(responseTimeMs))
    })
  })
}

/** @throws ConfigError if the profile is of other devices or choices than the problem */
export function checkProfile(problem: Problem, profile: Profile): void {
  const { devices } = problem
  if (devicesOf(profile) !== devices) {
    throw new ConfigError(
      `the profile is of ${devicesOf(profile)} devices, but the fleet has ${devices}: measure it with as many`,
    )
  }
  profileAnswers(problem, profile, unobservedState(problem))
}

/** Average response time of a joint decision; undefined when the profile is of another number of devices. */
export function profiledMeanMs(
  profile: Profile,
  problem: Problem,
  decision: Decision,
): number | undefined {
  if (devicesOf(profile) !== problem.devices) return undefined
  return meanAnsweredMs(predictProfile(profile, problem, decision))
}
