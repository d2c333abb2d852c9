/** What the structured System Model has learned: plain data, from which all else is computed. */
import { LOCAL } from './constants.ts'
import type { Pool } from './delays.ts'
import type { GroupMeans, Row, Spread } from './local-times.ts'
import type { Curve } from './node-curve.ts'
import { freshMoments, freshNoise, logVariance, type Moments, type Noise } from './noise.ts'
import type { ShareCount } from './shares.ts'

/** In place of a surprise, which is far smaller: none that tells. Finite, as all that is saved. */
export const NO_SURPRISE = Number.MAX_VALUE
/** Before every round. */
const NEVER = Number.MIN_SAFE_INTEGER

/** Structured-clone safe, every number finite. */
export interface Knowledge {
  /** By device, by processor state. */
  readonly rows: Map<number, Row>[]
  /** By shared node (edges, then the cloud), by processor state. */
  readonly curves: Map<number, Curve>[]
  /** The processor state each node was last seen in; -1: none. Devices, edges, cloud. */
  readonly seen: Int32Array
  /** Most users each shared node has served at once. */
  readonly mostUsers: Int32Array
  /** Of responses of devices themselves and of shared nodes, where the others' pace scatters them as well. */
  readonly noise: { readonly local: Noise; readonly shared: Noise }
  /** The variance of one response by which samples were weighed. */
  readonly weighedWith: { local: number; shared: number }
  /** Last surprise of each device, in deviations, or `NO_SURPRISE`. Shape [devices]. */
  readonly lastSurprises: Float64Array
  /** Products of a device's surprise and the one before: ρ. */
  readonly repeats: Moments
  /** Products of residuals of different resources in one round: σ_c². */
  readonly together: Moments
  /** e^ε of all responses, of devices themselves, and of each shared node. */
  readonly tails: {
    readonly all: Moments
    readonly local: Moments
    readonly nodes: readonly Moments[]
  }
  /** Logarithm of a typical response, and how many it is learned from. */
  readonly typical: { log: number; count: number }
  /** How often each device escalates, by the first variant's own choice. Shape [devices]. */
  readonly shares: Map<number, ShareCount>[]
  /** Responses heard: all, and since what devices have in common was last learned anew. */
  readonly heard: { all: number; since: number }
  /** By name, those that were in the fleet before, the one absent longest first. */
  readonly absent: Map<string, KnownDevice>
  /** Last surprise of each resource (devices, edges, cloud) and the round of it. */
  readonly latest: { readonly surprise: Float64Array; readonly round: Int32Array }
  /** Changes of resources found so far. */
  changes: number
  /** When each resource last changed; long before all rounds: never. Shape [resources]. */
  readonly changedAt: Float64Array
  /** Decisions that something was learned from. */
  round: number
}

/** What is known of one device, wherever it is. */
export interface KnownDevice {
  /** By processor state. */
  readonly rows: Map<number, Row>
  /** The processor state it was last seen in; -1: none. */
  readonly seen: number
  /** What it told of its own times, logarithms of ms. Shape [variants]. */
  readonly told?: Float64Array
  /** How often it escalates, by the first variant's own choice. */
  readonly shares: Map<number, ShareCount>
  /** What its own responses say of its delays: of 1 / variance and value / variance the sums. */
  readonly delays: readonly {
    readonly pool: number
    readonly precision: number
    readonly sum: number
  }[]
}

/** A model as it is saved. Structured-clone safe. */
export interface SavedModel {
  readonly knowledge: Knowledge
  readonly pools: readonly (Pool | undefined)[]
  readonly groups: readonly GroupMeans[]
  readonly spreads: readonly Spread[]
}

/** Of a fleet of which nothing was heard. */
export function freshKnowledge(devices: number, edges: number): Knowledge {
  return {
    rows: Array.from({ length: devices }, () => new Map()),
    curves: Array.from({ length: edges + 1 }, () => new Map()),
    seen: new Int32Array(devices + edges + 1).fill(-1),
    mostUsers: new Int32Array(edges + 1),
    noise: { local: freshNoise(), shared: freshNoise() },
    weighedWith: { local: logVariance(freshNoise()), shared: logVariance(freshNoise()) },
    lastSurprises: new Float64Array(devices).fill(NO_SURPRISE),
    repeats: freshMoments(),
    together: freshMoments(),
    tails: {
      all: freshMoments(),
      local: freshMoments(),
      nodes: Array.from({ length: edges + 1 }, freshMoments),
    },
    typical: { log: LOCAL.level.mean, count: 0 },
    shares: Array.from({ length: devices }, () => new Map()),
    heard: { all: 0, since: 0 },
    latest: {
      surprise: new Float64Array(devices + edges + 1),
      round: new Int32Array(devices + edges + 1),
    },
    changes: 0,
    changedAt: new Float64Array(devices + edges + 1).fill(NEVER),
    absent: new Map(),
    round: 0,
  }
}
