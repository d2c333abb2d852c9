/**
 * Keeps the goal as an average over the requests that were answered in a window: devices count by what they ask, silent ones not at
 * all. A decision meets the goal on average over devices; where one of them asks more than its part, or is served less accurately
 * than decided (fallbacks, deadlines), decisions are held to more. With equal traffic, served as decided, they are held to the goal.
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

/** What was served in one second. */
interface Second {
  readonly second: number
  requests: number
  sumPercent: number
  readonly byDevice: Map<string, number>
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
    const now = this.current()
    now.requests += 1
    now.sumPercent += accuracyPercent
    const { byDevice } = now
    if (byDevice.has(device) || byDevice.size < MAX_DEVICES)
      byDevice.set(device, (byDevice.get(device) ?? 0) + 1)
  }

  /** Undefined where nothing was answered in the window. */
  get served(): Served | undefined {
    this.forget()
    const requests = this.seconds.reduce((sum, second) => sum + second.requests, 0)
    if (requests === 0) return undefined
    const sumPercent = this.seconds.reduce((sum, second) => sum + second.sumPercent, 0)
    const accuracyPercent = Math.min(100, sumPercent / requests)
    return { requests, accuracyPercent, windowSeconds: WINDOW_SECONDS }
  }

  /**
   * What decisions are to meet now, on average over devices.
   * @param reachablePercent what no decision goes above
   */
  raised(goalPercent: number, reachablePercent: number, devices: number): number {
    const { served } = this
    if (served === undefined) return goalPercent
    const owed = served.requests * (goalPercent - served.accuracyPercent)
    const steps = owed < NOTHING ? 0 : Math.ceil(owed / (PAYBACK_REQUESTS * devices) / STEP_PERCENT)
    const paid = goalPercent + steps * STEP_PERCENT
    const shared = this.allowingForShares(goalPercent, reachablePercent, devices)
    return Math.max(goalPercent, Math.min(Math.max(paid, shared), reachablePercent))
  }

  /** Another goal, another account. */
  restart(): void {
    this.seconds = []
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
      requests += second.requests
      for (const [device, count] of second.byDevice)
        byDevice.set(device, (byDevice.get(device) ?? 0) + count)
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
    const next = { second, requests: 0, sumPercent: 0, byDevice: new Map<string, number>() }
    this.seconds.push(next)
    this.forget()
    return next
  }

  private forget(): void {
    const oldest = Math.floor(this.clock.nowMs() / 1000) - WINDOW_SECONDS
    while ((this.seconds[0]?.second ?? Infinity) <= oldest) this.seconds.shift()
  }
}
