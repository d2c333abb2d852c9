/** Goal and agent, checked before anything starts, so that a mistake is an error and not a fleet that plays safe. */
import { readFile } from 'node:fs/promises'
import { ConfigError, messageOf } from '../errors.ts'
import { createAgent } from '../learning/agent/create.ts'
import { type Profile, parseProfile } from '../learning/agent/oracle.ts'
import type { Choice } from '../learning/environment/environment.ts'

export interface Orchestration {
  readonly goal: number
  readonly agent: string
  readonly devices: number
  readonly profile?: Profile | undefined
}

/** Features of one node: processor, memory, bandwidth (HL paper, Table II). */
const FEATURES = 3

/** @throws ConfigError for an agent that does not exist or cannot work on this fleet, or a goal that cannot be kept */
export function checkOrchestration(
  { goal, agent, devices, profile }: Orchestration,
  choices: readonly Choice[],
): void {
  const local = choices.filter(({ placement }) => placement.tier === 'end')
  const best = Math.max(...local.map(({ accuracyPercent }) => accuracyPercent))
  if (goal > best) {
    throw new ConfigError(
      `a goal of ${goal} % cannot be kept: the most accurate variant on a device has ${best} %, so give ${best} or less`,
    )
  }
  const problem = { devices, choices, stateSize: FEATURES * (devices + 2) }
  createAgent(agent, problem, { seed: 0, ...(profile && { profile }) })
}

/** @throws ConfigError naming the file */
export async function readProfile(file: string): Promise<Profile> {
  try {
    return parseProfile(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    throw new ConfigError(`the profile ${file} cannot be used: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
