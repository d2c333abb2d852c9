/** A policy from outside: a network as training writes it, or the name of a built-in policy, `{ "policy": "slack-fit" }`. */
import { ConfigError, messageOf } from '../../errors.ts'
import { type LearnedNetwork, parseLearnedNetwork } from '../learned/network/learned-network.ts'
import type { LoadLimitOptions } from '../load-limit.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import { createPolicy } from './create.ts'
import { networkPolicy } from './network.ts'

/** Times further apart than this are those of another node. Profiles of one machine differ by up to a third. */
const TIME_FACTOR = 1.5
const ACCURACY_POINTS = 1

/** What a text stood for. */
export interface ParsedPolicy {
  readonly policy: SchedulingPolicy
  /** From data, so not to be trusted blindly. */
  readonly isLearned: boolean
}

/**
 * @param text of a JSON file
 * @throws ConfigError for what is neither, or cannot decide for this node
 */
export function parsePolicy(text: string, node: LoadLimitOptions): ParsedPolicy {
  const value = parseJson(text)
  const { policy: name } = Object(value) as { policy?: unknown }
  if (typeof name === 'string') return { policy: createPolicy(name, node), isLearned: false }
  const network = parseLearnedNetwork(value)
  const policy = networkPolicy(network, node)
  checkFit(network, node)
  return { policy, isLearned: true }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ConfigError(`this is not JSON: ${messageOf(error)}`, { cause: error })
  }
}

/**
 * Whether a network was trained for a node like this one: it sees times in units of its own deadline, and variants by rank.
 * @throws ConfigError naming what differs
 */
export function checkFit(
  network: Pick<LearnedNetwork, 'deadlineMs' | 'ladder'>,
  { times, deadlineMs }: Pick<LoadLimitOptions, 'times' | 'deadlineMs'>,
): void {
  if (!areAlike(network.deadlineMs, deadlineMs)) {
    throw new ConfigError(
      `the network was trained for a deadline of ${network.deadlineMs} ms, here it is ${deadlineMs.toPrecision(3)} ms: train one for it, or state the deadline of most requests`,
    )
  }
  for (const [index, trained] of (network.ladder?.variants ?? []).entries()) {
    const here = times.ladder.variants[index]
    if (here === undefined) continue
    const trainedMs = trained.serviceTimesMs[0]
    const hereMs = here.serviceTimesMs[0]
    const accuracyGap = Math.abs(trained.accuracyPercent - here.accuracyPercent)
    if (areAlike(trainedMs, hereMs) && accuracyGap <= ACCURACY_POINTS) continue
    throw new ConfigError(
      `the network was trained for variant ${trained.name} of ${trained.accuracyPercent} % in ${trainedMs.toPrecision(3)} ms, here ${here.name} has ${here.accuracyPercent} % in ${hereMs.toPrecision(3)} ms: train one for this ladder`,
    )
  }
}

function areAlike(oneMs: number, otherMs: number): boolean {
  return Math.max(oneMs / otherMs, otherMs / oneMs) <= TIME_FACTOR
}
