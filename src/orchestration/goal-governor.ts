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
/** Names counted in one window; requests of more count for the average alone. */
const MAX_DEVICES = 4096
/** Left over by rounding. */
const NOTHING = 1e-6

/** Answered requests, and the sum of their accuracies in whole millionths of a percent: what leaves a window takes away what it gave. */
interface Tally {
  requests: number
  sumMillionths: number
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
  private readonly seconds: Second[] = []
  /** Over the window, by device. */
  private readonly byDevice = new Map<string, Tally>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** A request was answered, under whatever decision. @param accuracyPercent of what served it */
  hear(device: string, accuracyPercent: number): void {
    const { fleet, byDevice } = this.current()
    const one = { requests: 1, sumMillionths: Math.round(1e6 * accuracyPercent) }
    add(fleet, one)
    if (!this.byDevice.has(device) && this.byDevice.size >= MAX_DEVICES) return
    add(tallyIn(byDevice, device), one)
    add(tallyIn(this.byDevice, device), one)
  }

  /** Undefined where nothing was answered in the window. */
  get served(): Served | undefined {
    this.forget()
    const all = nothingServed()
    for (const { fleet } of this.seconds) add(all, fleet)
    return averageOf(all)
  }

  /** By or for one device; undefined where that was nothing. */
  servedOf(device: string): Served | undefined {
    this.forget()
    return averageOf(this.byDevice.get(device))
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
    let [requests, most] = [0, 0]
    for (const tally of this.byDevice.values()) {
      requests += tally.requests
      most = Math.max(most, tally.requests)
    }
    if (requests < FEWEST * devices) return goalPercent
    const times = (most * devices) / requests
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

  private forget(): void {
    const oldest = Math.floor(this.clock.nowMs() / 1000) - WINDOW_SECONDS
    for (let [first] = this.seconds; first && first.second <= oldest; [first] = this.seconds) {
      this.seconds.shift()
      for (const [device, { requests, sumMillionths }] of first.byDevice) {
        const tally = tallyIn(this.byDevice, device)
        add(tally, { requests: -requests, sumMillionths: -sumMillionths })
        if (tally.requests === 0) this.byDevice.delete(device)
      }
    }
  }
}

function nothingServed(): Tally {
  return { requests: 0, sumMillionths: 0 }
}

function add(to: Tally, { requests, sumMillionths }: Tally): void {
  to.requests += requests
  to.sumMillionths += sumMillionths
}

function tallyIn(tallies: Map<string, Tally>, device: string): Tally {
  const known = tallies.get(device)
  if (known) return known
  const made = nothingServed()
  tallies.set(device, made)
  return made
}

function averageOf({ requests, sumMillionths } = nothingServed()): Served | undefined {
  if (requests === 0) return undefined
  const accuracyPercent = Math.min(100, sumMillionths / requests / 1e6)
  return { requests, accuracyPercent, windowSeconds: WINDOW_SECONDS }
}

/** By how much the next requests of so many devices are to be above the goal, in steps. */
function owedPercent(goalPercent: number, served: Served | undefined, devices: number): number {
  if (served === undefined) return 0
  const owed = served.requests * (goalPercent - served.accuracyPercent)
  if (owed < NOTHING) return 0
  return Math.ceil(owed / (PAYBACK_REQUESTS * devices) / STEP_PERCENT) * STEP_PERCENT
}
