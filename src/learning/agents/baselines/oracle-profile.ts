/** Response times measured before deciding: what the oracle knows instead of learning it. */
import { ConfigError, InvalidInputError } from '../../../errors.ts'
import { canonicalChoice, formatChoice, loadedTier } from '../../../fleet/choice.ts'
import { parsePlacement } from '../../../fleet/placement.ts'
import type { Decision, Problem } from '../../environment/environment.ts'

/** Plain JSON. */
export interface Profile {
  /**
   * By choice (`edge/d0`, `end/d3>edge/d0@0.51`), ms, shape [devices, loads]. At `end` there is one load: the device is alone. At a
   * shared tier there are as many as devices: the response time while 1, 2, … devices use the same edge (or the cloud). Of what
   * escalates it is the average, and the load what an escalated request finds there, itself included. No loads at all: the device cannot
   * take it.
   */
  readonly responseTimesMs: Readonly<Record<string, readonly (readonly number[])[]>>
  /** How often each device escalates, by choice. Shape [devices]. Without it as often as the choices say. */
  readonly shares?: Readonly<Record<string, readonly number[]>>
  /** Which edge each device uses, counted from 0. Shape [devices]. Without it all use the same. */
  readonly edgeOf?: readonly number[]
}

/**
 * Response times of a joint decision, ms, shape [devices].
 * @throws InvalidInputError if the decision does not fit the problem
 * @throws ConfigError if the profile lacks one of its placements
 */
export function predictProfile(profile: Profile, problem: Problem, decision: Decision): number[] {
  if (decision.length !== problem.devices) {
    throw new InvalidInputError(
      `the decision has ${decision.length} choices for ${problem.devices} devices: give one each`,
    )
  }
  const nodes = decision.map((choice, device) => nodeOf(profile, problem, device, choice))
  const shares = decision.map((choice, device) => profiledShare(profile, problem, device, choice))
  return decision.map((choice, device) => {
    const others = shares.filter((_, other) => other !== device && nodes[other] === nodes[device])
    const load = 1 + others.reduce((sum, share) => sum + share, 0)
    const users = Math.floor(load)
    const ms = profiledMs(profile, problem, device, choice, users)
    if (load === users) return ms
    return ms + (load - users) * (profiledMs(profile, problem, device, choice, users + 1) - ms)
  })
}

/** How many requests of a device the node of its choice gets: 1 where the choice does not escalate. */
export function profiledShare(
  { shares }: Profile,
  { choices }: Problem,
  device: number,
  choice: number,
): number {
  const { escalation } = choices[choice] ?? {}
  if (!escalation) return 1
  return shares?.[formatChoice(choices[choice])]?.[device] ?? escalation.share
}

/** Response time of one device whose node serves `load` devices in this decision; Infinity where it cannot take it. @throws ConfigError if it is not in the profile */
export function profiledMs(
  profile: Profile,
  problem: Problem,
  device: number,
  choice: number,
  load: number,
): number {
  const placement = choiceText(problem, choice)
  const row = profile.responseTimesMs[placement]?.[device]
  if (row?.length === 0) return Number.POSITIVE_INFINITY
  const responseTimeMs = row?.[load - 1]
  if (responseTimeMs !== undefined) return responseTimeMs
  throw new ConfigError(
    `the profile has no response time of device ${device} at ${placement} with ${load} there: measure it again with these devices and choices`,
  )
}

/** The edge of a device. */
export function edgeOfDevice({ edgeOf }: Profile, device: number): number {
  return edgeOf?.[device] ?? 0
}

/** A profile read from JSON. @throws ConfigError naming the entry that is wrong and what it must be */
export function parseProfile(value: unknown): Profile {
  const read: { responseTimesMs?: unknown; shares?: unknown; edgeOf?: unknown } = Object(value)
  const { responseTimesMs: times, shares, edgeOf } = read
  if (typeof times !== 'object' || times === null) {
    throw new ConfigError('a profile is an object with "responseTimesMs": give it by placement')
  }
  const entries: [string, unknown][] = Object.entries(times)
  const [first] = entries
  if (first === undefined || !Array.isArray(first[1]) || first[1].length === 0) {
    throw new ConfigError(
      '"responseTimesMs" must hold a list of devices for at least one placement',
    )
  }
  const devices = first[1].length
  const responseTimesMs: Record<string, number[][]> = {}
  for (const [placement, rows] of entries) {
    responseTimesMs[placement] = parseRows(placement, rows, devices)
  }
  return {
    responseTimesMs,
    ...(shares !== undefined && { shares: parseShares(shares, devices) }),
    ...(edgeOf !== undefined && { edgeOf: parseEdges(edgeOf, devices) }),
  }
}

function parseShares(shares: unknown, devices: number): Record<string, number[]> {
  const isShare = (share: unknown) => typeof share === 'number' && share >= 0 && share <= 1
  const entries: [string, unknown][] = Object.entries(Object(shares))
  return Object.fromEntries(
    entries.map(([choice, own]) => {
      if (Array.isArray(own) && own.length === devices && own.every(isShare)) return [choice, own]
      throw new ConfigError(`shares["${choice}"] must give ${devices} shares from 0 to 1`)
    }),
  )
}

function parseRows(placement: string, rows: unknown, devices: number): number[][] {
  const loads = tierOf(placement) === 'end' ? 1 : devices
  if (!Array.isArray(rows) || rows.length !== devices) {
    throw new ConfigError(`responseTimesMs["${placement}"] must list ${devices} devices`)
  }
  return rows.map((row: unknown, device) => {
    const isOpen = Array.isArray(row) && row.length > 0
    if (!Array.isArray(row) || (isOpen && row.length !== loads) || !row.every(isPositive)) {
      throw new ConfigError(
        `responseTimesMs["${placement}"][${device}] must be ${loads} positive time(s) in ms, one for each load; or none where the device cannot take it`,
      )
    }
    return row
  })
}

function parseEdges(edges: unknown, devices: number): number[] {
  const isIndex = (edge: unknown): edge is number => Number.isInteger(edge) && Number(edge) >= 0
  if (!Array.isArray(edges) || edges.length !== devices || !edges.every(isIndex)) {
    throw new ConfigError(`"edgeOf" must give the edge of each of ${devices} devices, from 0`)
  }
  return edges
}

function tierOf(placement: string): string {
  try {
    const [first = '', second = first] = canonicalChoice(placement).split(/[>@]/)
    return parsePlacement(second).tier
  } catch (cause) {
    throw new ConfigError(`responseTimesMs["${placement}"] is not keyed by a choice`, { cause })
  }
}

/** Devices whose requests share this text share a node. */
function nodeOf(profile: Profile, problem: Problem, device: number, choice: number): string {
  const taken = problem.choices[choice]
  const tier = taken && loadedTier(taken)
  if (tier === 'cloud') return 'cloud'
  return tier === 'edge' ? `edge ${edgeOfDevice(profile, device)}` : `device ${device}`
}

function choiceText({ choices }: Problem, choice: number): string {
  const taken = choices[choice]
  if (taken !== undefined) return formatChoice(taken)
  throw new InvalidInputError(`there is no choice ${choice}: give 0 to ${choices.length - 1}`)
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY
}
