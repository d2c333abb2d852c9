/** The response times of every possible round of one fleet state, without running its events. */
import type { Choice } from '../fleet/choice.ts'
import { formatPlacement } from '../fleet/placement.ts'
import { dealtEdges, type FleetState } from '../fleet/state.ts'
import type { Decision } from '../learning/environment/environment.ts'
import { OVERHEAD_MS } from './calibration.ts'
import { endServiceMs, linkMs, sharedServiceMs, slowdown } from './response-time.ts'

/** Response times by placement and load: what an oracle is given (plain JSON). */
export interface RoundProfile {
  /** By placement (`edge/d0`), ms, shape [devices, loads]: one load at `end`, else 1, 2, … devices on the same node. */
  readonly responseTimesMs: Readonly<Record<string, readonly (readonly number[])[]>>
  /** Shape [devices]. */
  readonly edgeOf: readonly number[]
}

/**
 * Exact where all requests of a shared node are alike: requests that arrive together and need the same work depart
 * together, so k of them take slowdown(k) times the time of a lone one (the tests compare it with `simulateRound`).
 */
export class RoundTable {
  private readonly edges: number
  private readonly choices: readonly Choice[]
  /** Everything but the service of a shared node, ms. Shape [devices · choices]. */
  private readonly ownMs: Float64Array
  /** Service of a shared node by number of its requests, ms; edges first, the cloud last. Shape [edges + 1, devices + 1]. */
  private readonly sharedMs: readonly Float64Array[]
  /** Requests on each shared node, refilled by every round. Shape [edges + 1]. */
  private readonly requests: Int32Array

  constructor(fleet: FleetState, choices: readonly Choice[]) {
    const { devices, edges, cloud } = fleet
    this.edges = edges.length
    this.choices = choices
    this.ownMs = new Float64Array(devices.length * choices.length)
    devices.forEach((node, device) => {
      choices.forEach(({ placement }, choice) => {
        const serviceMs = placement.tier === 'end' ? endServiceMs(placement.variant, node) : 0
        this.ownMs[device * choices.length + choice] =
          OVERHEAD_MS + linkMs(fleet, device, placement) + serviceMs
      })
    })
    this.sharedMs = [...edges, cloud].map((node, server) => {
      const tier = server < edges.length ? 'edge' : 'cloud'
      const variant = choices.find(({ placement }) => placement.tier === tier)?.placement.variant
      const loneMs = variant === undefined ? 0 : sharedServiceMs({ tier, variant })
      const times = new Float64Array(devices.length + 1)
      return times.map((_, requests) => loneMs * slowdown(tier, node, requests))
    })
    this.requests = new Int32Array(edges.length + 1)
  }

  /** Whether a table can tell: no shared tier offers more than one variant. */
  static isExactFor(choices: readonly Choice[]): boolean {
    return (['edge', 'cloud'] as const).every(
      (tier) => choices.filter(({ placement }) => placement.tier === tier).length <= 1,
    )
  }

  /** @returns ms, shape [devices] */
  responseTimesMs(decision: Decision): number[] {
    this.requests.fill(0)
    decision.forEach((choice, device) => {
      const server = this.serverOf(device, choice)
      if (server >= 0) this.requests[server] = (this.requests[server] ?? 0) + 1
    })
    return decision.map((choice, device) => {
      const load = this.requests[this.serverOf(device, choice)] ?? 1
      return this.responseTimeMs(device, choice, load)
    })
  }

  /** What a planner needs to find the best decision (see `PlanningProblem`), but for the goal. */
  planningProblem() {
    const devices = this.ownMs.length / this.choices.length
    const curves = this.sharedMs.map((times) => times.slice(1))
    return {
      devices,
      choices: this.choices,
      ownTimesMs: this.ownMs,
      edgeOf: Int32Array.from(dealtEdges(devices, this.edges)),
      edgeCurvesMs: curves.slice(0, -1),
      cloudCurveMs: curves.at(-1) ?? new Float64Array(0),
    }
  }

  /** The same response times as the oracle reads them. */
  profile(): RoundProfile {
    const devices = Array.from(
      { length: this.ownMs.length / this.choices.length },
      (_, device) => device,
    )
    const rows = this.choices.map(({ placement }, choice) => {
      const loads = placement.tier === 'end' ? 1 : devices.length
      const times = devices.map((device) =>
        Array.from({ length: loads }, (_, index) => this.responseTimeMs(device, choice, index + 1)),
      )
      return [formatPlacement(placement), times] as const
    })
    return {
      responseTimesMs: Object.fromEntries(rows),
      edgeOf: dealtEdges(devices.length, this.edges),
    }
  }

  /** @param load requests on the node that serves it */
  private responseTimeMs(device: number, choice: number, load: number): number {
    const server = this.serverOf(device, choice)
    const ownMs = this.ownMs[device * this.choices.length + choice] ?? 0
    return server < 0 ? ownMs : ownMs + (this.sharedMs[server]?.[load] ?? 0)
  }

  /** Index into `sharedMs`; -1 for the device itself. */
  private serverOf(device: number, choice: number): number {
    const tier = this.choices[choice]?.placement.tier
    if (tier === 'edge') return device % this.edges
    return tier === 'cloud' ? this.edges : -1
  }
}
