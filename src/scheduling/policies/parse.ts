/** A policy from outside: a network as training writes it, or the name of a built-in policy, `{ "policy": "slack-fit" }`. */
import { ConfigError, messageOf } from '../../errors.ts'
import { type LearnedNetwork, parseLearnedNetwork } from '../learned/network/learned-network.ts'
import type { LoadLimitOptions } from '../load-limit.ts'
import type { SchedulingPolicy } from '../scheduling-policy.ts'
import type { ServiceTimes } from '../service-times.ts'
import { createPolicy } from './create.ts'
import { networkPolicy } from './network.ts'

/** Times further apart than this are those of another node. */
const TIME_FACTOR = 1.5
const ACCURACY_POINTS = 1

/** What a text stood for. */
export interface ParsedPolicy {
  readonly policy: SchedulingPolicy
  /** From data, so not to be trusted blindly. */
  readonly isLearned: boolean
  /** That decides. */
  readonly network?: LearnedNetwork
  /**
   * To be asked once times are known well: as a ladder states them, or after many services of a live node, never of the few
   * with which it starts.
   * @returns why the policy is one for other service times, if it is
   */
  readonly misfit?: (times: ServiceTimes) => string | undefined
}

/** The node that is to be decided for. */
export interface ParsingNode extends LoadLimitOptions {
  /** Whether somebody said so; else the policy's own deadline counts. Default: true. */
  readonly isDeadlineStated?: boolean
}

/**
 * @param text of a JSON file
 * @throws ConfigError for what is neither, or cannot decide for this node
 */
export function parsePolicy(text: string, node: ParsingNode): ParsedPolicy {
  const value = parseJson(text)
  const { policy: name } = Object(value) as { policy?: unknown }
  if (typeof name === 'string') return { policy: createPolicy(name, node), isLearned: false }
  const network = parseLearnedNetwork(value)
  const policy = networkPolicy(network, node)
  checkFit(network, node)
  return { policy, isLearned: true, network, misfit: (times) => misfitOf(network, times) }
}

/** @throws ConfigError for what is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ConfigError(`this is not JSON: ${messageOf(error)}`, { cause: error })
  }
}

/**
 * Whether a network was trained for a node like this one, service times aside: it sees variants by rank, and times in units of
 * its own deadline.
 * @throws ConfigError naming what differs
 */
export function checkFit(
  network: Pick<LearnedNetwork, 'deadlineMs' | 'ladder'>,
  { times, deadlineMs, isDeadlineStated = true }: Omit<ParsingNode, 'workers'>,
): void {
  if (isDeadlineStated && !areAlike(network.deadlineMs, deadlineMs)) {
    throw new ConfigError(
      `the network was trained for a deadline of ${network.deadlineMs} ms, here it is ${deadlineMs.toPrecision(3)} ms: train one for it, or state the deadline of most requests`,
    )
  }
  for (const [index, trained] of (network.ladder?.variants ?? []).entries()) {
    const here = times.ladder.variants[index]
    if (here === undefined) continue
    if (Math.abs(trained.accuracyPercent - here.accuracyPercent) <= ACCURACY_POINTS) continue
    throw new ConfigError(
      `the network was trained for variant ${trained.name} of ${trained.accuracyPercent} %, here ${here.name} has ${here.accuracyPercent} %: train one for this ladder`,
    )
  }
}

/** @returns which variant takes another time here than it was trained for, if one does */
export function misfitOf(
  network: Pick<LearnedNetwork, 'ladder'>,
  times: ServiceTimes,
): string | undefined {
  for (const [index, trained] of (network.ladder?.variants ?? []).entries()) {
    const here = times.ladder.variants[index]
    if (here === undefined) continue
    const trainedMs = trained.serviceTimesMs[0]
    const hereMs = times.usualMs(index, 0)
    if (areAlike(trainedMs, hereMs)) continue
    return `the network was trained for variant ${trained.name} in ${trainedMs.toPrecision(3)} ms, here ${here.name} takes ${hereMs.toPrecision(3)} ms: train one for this ladder`
  }
  return undefined
}

function areAlike(oneMs: number, otherMs: number): boolean {
  return Math.max(oneMs / otherMs, otherMs / oneMs) <= TIME_FACTOR
}
