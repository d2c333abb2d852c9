/** From measurements to the discrete values of Table II (HL paper), steady near a threshold. */
import type { LiveTelemetry } from '../control/telemetry-message.ts'
import { ConfigError } from '../errors.ts'
import type { Tier } from '../fleet/placement.ts'
import { HIGHEST_LEVEL, type ResourceState } from '../fleet/state.ts'

/** What was measured of a node, before it becomes discrete. */
export type Measured = LiveTelemetry['measured']

/** Hysteresis: the value changes to 1 at `enter` and back to 0 only at `leave`, on its other side. */
interface Band {
  readonly enter: number
  readonly leave: number
}

/** Borders between the discrete values. */
export interface Thresholds {
  /** Background load at which a device's processor is Busy. */
  readonly busyProcessorPercent: Band
  /** Memory in use at which a node's memory is Busy. */
  readonly busyMemoryPercent: Band
  /** Round trip to the node above at which the link is Weak. */
  readonly weakRoundTripMs: Band
  /** Bandwidth at which the link is Weak; smaller is weaker. */
  readonly weakBandwidthMbps: Band
  /** How far beyond the border of its level an edge's or cloud's load must go to change the level. */
  readonly levelMarginPercent: number
}

/** The paper's Weak adds 20 ms to every outgoing packet (section III); these lie between Regular and Weak. */
export const DEFAULT_THRESHOLDS: Thresholds = {
  busyProcessorPercent: { enter: 50, leave: 40 },
  busyMemoryPercent: { enter: 85, leave: 80 },
  weakRoundTripMs: { enter: 15, leave: 10 },
  weakBandwidthMbps: { enter: 5, leave: 8 },
  levelMarginPercent: 2,
}

/** Nine levels, 0–8, of 12.5 % each. */
const LEVEL_PERCENT = 100 / HIGHEST_LEVEL

/** Remembers the last state, for hysteresis. */
export class Discretiser {
  private readonly tier: Tier
  private readonly thresholds: Thresholds
  private state: ResourceState = { processor: 0, memory: 0, bandwidth: 0 }
  /** The two signs of a weak link, each with its own hysteresis. */
  private slow: 0 | 1 = 0
  private narrow: 0 | 1 = 0

  /** @throws ConfigError when a band is the wrong way round */
  constructor(tier: Tier, thresholds: Thresholds = DEFAULT_THRESHOLDS) {
    checkBand('busyProcessorPercent', thresholds.busyProcessorPercent, 'rising')
    checkBand('busyMemoryPercent', thresholds.busyMemoryPercent, 'rising')
    checkBand('weakRoundTripMs', thresholds.weakRoundTripMs, 'rising')
    checkBand('weakBandwidthMbps', thresholds.weakBandwidthMbps, 'falling')
    this.tier = tier
    this.thresholds = thresholds
  }

  update(measured: Measured): ResourceState {
    const { busyProcessorPercent, busyMemoryPercent } = this.thresholds
    const { backgroundProcessorPercent, memoryUsedPercent } = measured
    this.state = {
      processor:
        this.tier === 'end'
          ? rising(this.state.processor, backgroundProcessorPercent, busyProcessorPercent)
          : this.level(backgroundProcessorPercent),
      memory: rising(this.state.memory, memoryUsedPercent, busyMemoryPercent),
      bandwidth: this.bandwidth(measured),
    }
    return this.state
  }

  private level(percent: number): number {
    const { processor } = this.state
    const distance = Math.abs(percent - processor * LEVEL_PERCENT)
    if (distance <= LEVEL_PERCENT / 2 + this.thresholds.levelMarginPercent) return processor
    return Math.min(HIGHEST_LEVEL, Math.max(0, Math.round(percent / LEVEL_PERCENT)))
  }

  /** Weak by delay or by rate; what is not measured keeps its last value. */
  private bandwidth({ roundTripMs, bandwidthMbps }: Measured): 0 | 1 {
    const { weakRoundTripMs, weakBandwidthMbps } = this.thresholds
    if (roundTripMs !== undefined) this.slow = rising(this.slow, roundTripMs, weakRoundTripMs)
    if (bandwidthMbps !== undefined) {
      const { enter, leave } = weakBandwidthMbps
      this.narrow = rising(this.narrow, -bandwidthMbps, { enter: -enter, leave: -leave })
    }
    return this.slow || this.narrow ? 1 : 0
  }
}

function rising(last: number, value: number, { enter, leave }: Band): 0 | 1 {
  if (last === 0) return value >= enter ? 1 : 0
  return value < leave ? 0 : 1
}

function checkBand(name: string, { enter, leave }: Band, direction: 'rising' | 'falling'): void {
  const isRight = direction === 'rising' ? leave <= enter : leave >= enter
  if (isRight) return
  const remedy = direction === 'rising' ? 'at or below' : 'at or above'
  throw new ConfigError(
    `${name}: leave is ${leave} and enter is ${enter}; give a leave ${remedy} enter`,
  )
}
