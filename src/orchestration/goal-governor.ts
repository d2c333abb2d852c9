/**
 * Keeps the goal as an average over the requests that were answered in a window: devices count by what they ask, silent ones not at
 * all. A decision meets the goal on average over devices; where one of them asks more than its part, or is served less accurately
 * than decided (fallbacks, deadlines), decisions are held to more. With equal traffic, served as decided, they are held to the goal.
 * A device's own goal is kept the same way over its own requests.
 */
import type { Clock } from '../clock.ts'

/** The window. */
const WINDOW_SECONDS = 60
/** Requests of each device over which a debt is paid back. */
const PAYBACK_REQUESTS = 10
/** The goal is raised in such steps, percent: agents plan anew for every goal. */
const STEP_PERCENT = 0.5
/** Requests of each device before shares are told. */
const FEWEST = 4
/** How many times its part a device may ask before decisions allow for it: less than that is noise, and paid back. */
const UNEQUAL = 1.5
/** Names counted in one second; requests of more count for the average alone. */
const MAX_DEVICES = 4096
/** Left over by rounding. */
const NOTHING = 1e-6

/** Answered requests, and the sum of their accuracies. */
interface Tally {
  requests: number
  sumPercent: number
}

/** What was served in one second. */
interface Second {
  readonly second: number
  /** Under the goal in force. */
  fleet: Tally
  readonly byDevice: Map<string, Tally>
}

/** What was served in the window. */
export interface Served {
  readonly requests: number
  readonly accuracyPercent: number
  readonly windowSeconds: number
}

/** Knows what was served lately, and what decisions are to meet for it. */
export class GoalGovernor {
  private readonly clock: Clock
  /** Oldest first; at most one for each second of the window. */
  private seconds: Second[] = []

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** A request was answered, under whatever decision. @param accuracyPercent of what served it */
  hear(device: string, accuracyPercent: number): void {
    const { fleet, byDevice } = this.current()
    count(fleet, accuracyPercent)
    const known = byDevice.get(device)
    if (known) count(known, accuracyPercent)
    else if (byDevice.size < MAX_DEVICES)
      byDevice.set(device, count(nothingServed(), accuracyPercent))
  }

  /** Undefined where nothing was answered in the window. */
  get served(): Served | undefined {
    return this.average(({ fleet }) => fleet)
  }

  /** By or for one device; undefined where that was nothing. */
  servedOf(device: string): Served | undefined {
    return this.average(({ byDevice }) => byDevice.get(device))
  }

  /** What the next decision for a device with a goal of its own is to reach: the goal, and what its window owes. */
  raisedFor(device: string, goalPercent: number): number {
    return Math.min(100, goalPercent + owedPercent(goalPercent, this.servedOf(device), 1))
  }

  /**
   * What decisions are to meet now, on average over devices.
   * @param reachablePercent what no decision goes above
   */
  raised(goalPercent: number, reachablePercent: number, devices: number): number {
    const { served } = this
    if (served === undefined) return goalPercent
    const paid = goalPercent + owedPercent(goalPercent, served, devices)
    const shared = this.allowingForShares(goalPercent, reachablePercent, devices)
    return Math.max(goalPercent, Math.min(Math.max(paid, shared), reachablePercent))
  }

  /** Another goal of the fleet, another account; those of devices go on. */
  restart(): void {
    for (const second of this.seconds) second.fleet = nothingServed()
  }

  /**
   * All that a decision falls short of the reachable may fall on the device that asks most: with w times its part of the requests,
   * the average over requests falls short by w times as much.
   */
  private allowingForShares(
    goalPercent: number,
    reachablePercent: number,
    devices: number,
  ): number {
    const byDevice = new Map<string, number>()
    let requests = 0
    for (const second of this.seconds) {
      for (const [device, served] of second.byDevice) {
        requests += served.requests
        byDevice.set(device, (byDevice.get(device) ?? 0) + served.requests)
      }
    }
    if (requests < FEWEST * devices) return goalPercent
    const times = (Math.max(...byDevice.values()) * devices) / requests
    if (times < UNEQUAL) return goalPercent
    const missing = Math.max(0, reachablePercent - goalPercent) * (1 - 1 / times)
    return goalPercent + Math.ceil(missing / STEP_PERCENT - NOTHING) * STEP_PERCENT
  }

  private current(): Second {
    const second = Math.floor(this.clock.nowMs() / 1000)
    const last = this.seconds.at(-1)
    if (last?.second === second) return last
    const next = { second, fleet: nothingServed(), byDevice: new Map<string, Tally>() }
    this.seconds.push(next)
    this.forget()
    return next
  }

  private average(of: (second: Second) => Tally | undefined): Served | undefined {
    this.forget()
    const tallies = this.seconds.flatMap((second) => of(second) ?? [])
    const requests = tallies.reduce((sum, tally) => sum + tally.requests, 0)
    if (requests === 0) return undefined
    const sumPercent = tallies.reduce((sum, tally) => sum + tally.sumPercent, 0)
    const accuracyPercent = Math.min(100, sumPercent / requests)
    return { requests, accuracyPercent, windowSeconds: WINDOW_SECONDS }
  }

  private forget(): void {
    const oldest = Math.floor(this.clock.nowMs() / 1000) - WINDOW_SECONDS
    while ((this.seconds[0]?.second ?? Infinity) <= oldest) this.seconds.shift()
  }
}

function nothingServed(): Tally {
  return { requests: 0, sumPercent: 0 }
}

function count(tally: Tally, accuracyPercent: number): Tally {
  tally.requests += 1
  tally.sumPercent += accuracyPercent
  return tally
}

/** By how much the next requests of so many devices are to be above the goal, in steps. */
function owedPercent(goalPercent: number, served: Served | undefined, devices: number): number {
  if (served === undefined) return 0
  const owed = served.requests * (goalPercent - served.accuracyPercent)
  if (owed < NOTHING) return 0
  return Math.ceil(owed / (PAYBACK_REQUESTS * devices) / STEP_PERCENT) * STEP_PERCENT
}
