/**
 * The System Model of Figure 2 (HL paper) with the structure of the fleet instead of a network.
 *
 * Generative model. y_it is the response time (ms) of device i in round t under choice x; r is the node that serves it, m its users:
 *
 *     at the device        log y = o_ik + θ_k + s_i + q_if + d_ik + c_t + ε        + l_ip where its links are weak (ms)
 *     at a shared node     y = exp(f_r(m) + c_t + ε) + l_ip
 *
 *     o_ik   what the device told of variant k (log ms; 0: nothing)       θ_k ~ N(level + slope · log size_k, …)   variant
 *     s_i    speed of the device                                          q_if, d_ik   its way with a precision family, a variant
 *     f_r    a Gaussian process over log(1 + m)                           l_ip ~ N(λ_p, ω_p²)   way p of device i
 *     ε      log noise: variance σ² of each kind of resource, correlation ρ from one response to the next, mean of e^ε by group
 *     c_t    what slows or speeds all resources in a round alike ~ N(0, σ_c²)
 *
 * Everything but o is learned; the priors are in `constants.ts`. Each resource is believed in separately in every processor state (Table
 * II) it was seen in. Responses may also be slow for no reason that lasts (`cell.ts`), and a resource may change (`watch.ts`).
 * Plain data in `knowledge`; all else is computed from it.
 */
import { StateLayout } from '../../../fleet/state.ts'
import type { Answer, Decision, Problem, Transition } from '../../environment/environment.ts'
import type { Normal, SlowResponses } from './cell.ts'
import { CHANGE, LINK, LOCAL } from './constants.ts'
import { Delays, type Pool } from './delays.ts'
import { type GroupMeans, LocalTimes, type Row, type Spread } from './local-times.ts'
import { type Curve, estimate, freshCurve, knotsUpTo, shifted } from './node-curve.ts'
import {
  addTo,
  excessOver,
  freshMoments,
  freshNoise,
  logVariance,
  type Moments,
  type Noise,
  slowFrom,
  slowRate,
} from './noise.ts'
import { observeLocal, observeShared, type Response } from './observation.ts'
import { delayPrior, familiesOf, localPrior, stateShift, toldPrior } from './priors.ts'
import { toldOffsets } from './told-times.ts'
import { freshWatch } from './watch.ts'

/** Combinations of Regular and Weak links on a way. */
const LINK_STATES = 8
/** Responses below are taken for this long: logarithms need it. */
const LEAST_MS = 1e-3

/** Structured-clone safe. */
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
  /** Last surprise of each device, in deviations; not a number: none that tells. Shape [devices]. */
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
  /** By name, those that were in the fleet before, the one absent longest first. */
  readonly absent: Map<string, KnownDevice>
  /** Last surprise of each resource (devices, edges, cloud) and the round of it. */
  readonly latest: { readonly surprise: Float64Array; readonly round: Int32Array }
  /** Changes of resources found so far. */
  changes: number
  /** When each resource last changed; -Infinity: never. Shape [resources]. */
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
  /** What its own responses say of its delays: of 1 / variance and value / variance the sums. */
  readonly delays: readonly {
    readonly pool: number
    readonly precision: number
    readonly sum: number
  }[]
}

export interface SavedModel {
  readonly knowledge: Knowledge
  readonly pools: readonly (Pool | undefined)[]
  readonly groups: readonly GroupMeans[]
  readonly spreads: readonly Spread[]
}

export interface ModelOptions {
  /** Whether a response may be slow for no reason that lasts; else all count alike. */
  readonly slowResponses: boolean
  /** Whether what is known may no longer be true; else nothing is ever forgotten. */
  readonly forget: boolean
}

export class StructuredModel {
  readonly problem: Problem
  readonly options: ModelOptions
  readonly layout: StateLayout
  readonly local: LocalTimes
  readonly delays: Delays
  /** Choices at the device, in order: variant k of `LocalTimes` is choice `localChoices[k]`. */
  readonly localChoices: readonly number[]
  /** By shared node: users at the knots of its curve. */
  readonly knots: Int32Array[]
  knowledge: Knowledge
  /** Variant of each choice at the device. Shape [choices]. */
  readonly variantOf: Int32Array
  /** o: what each device told of itself; undefined: nothing. Shape [devices][variants]. */
  readonly offsets: readonly (Float64Array | undefined)[]
  /** Something was learned since what devices have in common was. */
  isStale = false
  /** The decision last counted: many answers come under one. */
  private counted: { readonly decision: Decision; readonly users: Int32Array } | undefined
  private readonly means: Float64Array
  private readonly variances: Float64Array

  constructor(problem: Problem, options: ModelOptions = { slowResponses: true, forget: true }) {
    const { devices, choices, classOf } = problem
    this.problem = problem
    this.options = options
    this.layout = new StateLayout(problem)
    this.localChoices = choices.flatMap(({ placement }, choice) =>
      placement.tier === 'end' ? [choice] : [],
    )
    this.variantOf = Int32Array.from(choices, (_, choice) => this.localChoices.indexOf(choice))
    const variants = this.localChoices.flatMap((choice) => choices[choice] ?? [])
    const told = toldOffsets(problem, this.localChoices)
    this.offsets = told.offsets
    this.local = new LocalTimes(
      Array.from({ length: 1 + Math.max(0, ...(classOf ?? [])) }, () => [
        localPrior(variants),
        toldPrior(told.shape),
      ]).flat(),
      familiesOf(variants),
      LOCAL.spreadWeight,
    )
    this.delays = new Delays(devices, this.delayPriors(), LINK.spreadWeight, Math.exp(LOCAL.level.mean))
    const { edges, edgeOf } = this.layout
    const served = new Int32Array(edges + 1)
    for (const edge of edgeOf) served[edge] += 1
    served[edges] = devices
    this.knots = Array.from(served, (most) => knotsUpTo(Math.max(1, most)))
    this.means = new Float64Array(variants.length)
    this.variances = new Float64Array(variants.length)
    this.knowledge = {
      rows: Array.from({ length: devices }, () => new Map()),
      curves: Array.from(served, () => new Map()),
      seen: new Int32Array(devices + edges + 1).fill(-1),
      mostUsers: new Int32Array(edges + 1),
      noise: { local: freshNoise(), shared: freshNoise() },
      lastSurprises: new Float64Array(devices).fill(Number.NaN),
      repeats: freshMoments(),
      together: freshMoments(),
      tails: {
        all: freshMoments(),
        local: freshMoments(),
        nodes: Array.from(served, freshMoments),
      },
      typical: { log: LOCAL.level.mean, count: 0 },
      latest: {
        surprise: new Float64Array(devices + edges + 1),
        round: new Int32Array(devices + edges + 1),
      },
      changes: 0,
      changedAt: new Float64Array(devices + edges + 1).fill(Number.NEGATIVE_INFINITY),
      absent: new Map(),
      round: 0,
    }
  }

  /** Of every choice in every state of its links. */
  private delayPriors() {
    const { choices } = this.problem
    return choices.flatMap(({ placement: { tier } }, index) => {
      const isReference =
        tier === 'end' || choices.findIndex(({ placement }) => placement.tier === tier) === index
      return Array.from({ length: LINK_STATES }, (_, links) => delayPrior(links, isReference))
    })
  }

  /** The shared node of a device's choice, edges from 0, the cloud last; -1 where the device itself serves it. */
  sharedNode(device: number, choice: number): number {
    const tier = this.problem.choices[choice]?.placement.tier
    if (tier === 'edge') return this.layout.edgeOf[device]
    return tier === 'cloud' ? this.layout.edges : -1
  }

  /** Pool of the delay on the way of a choice, shared by all choices at the device. `undefined` at the device itself while no link is weak: nothing is added. */
  delayOf(features: Float32Array, device: number, choice: number): number | undefined {
    const { layout } = this
    const node = this.sharedNode(device, choice)
    const links =
      layout.linkState(features, device) +
      2 * layout.linkState(features, layout.edge(device)) +
      (node === layout.edges ? 4 * layout.linkState(features, layout.cloud) : 0)
    if (node >= 0) return choice * LINK_STATES + links
    return links === 0 ? undefined : this.localChoices[0] * LINK_STATES + links
  }

  /** What is known of a device in a state, or would be if it were in it. */
  rowIn(features: Float32Array, device: number): Row {
    const { rows, seen } = this.knowledge
    const state = this.layout.processorState(features, device)
    const row = rows[device].get(state)
    if (row) return row
    const last = rows[device].get(seen[device])
    const watch = freshWatch<Row>()
    const group = this.groupOf(device)
    if (!last) return { group, offsets: this.offsetsOf(device), cells: [], watch }
    const shift = stateShift(seen[device], state)
    const offsets = this.local.deviations(last).map((deviation) => deviation + shift)
    return { group, offsets, speedVariance: CHANGE.unseenDeviation ** 2, cells: [], watch }
  }

  /** Its class, and whether it has told its own times. */
  groupOf(device: number): number {
    return 2 * (this.problem.classOf?.[device] ?? 0) + (this.offsets[device] ? 1 : 0)
  }

  /** o of a device; zeros where it told nothing. Shape [variants]. */
  offsetsOf(device: number): Float64Array {
    return this.offsets[device] ?? new Float64Array(this.localChoices.length)
  }

  /** The same of a shared node. */
  curveIn(features: Float32Array, node: number): Curve {
    const { curves, seen } = this.knowledge
    const index = this.layout.devices + node
    const state = this.layout.processorState(features, index)
    const curve = curves[node].get(state)
    if (curve) return curve
    const last = curves[node].get(seen[index])
    if (!last) return this.freshCurve(node)
    const shift = stateShift(seen[index], state)
    return shifted(last, shift, CHANGE.unseenDeviation ** 2, freshWatch<Curve>())
  }

  /** What is believed of a shared node before anything is known of it. */
  freshCurve(node: number): Curve {
    return freshCurve(this.knots[node], Math.exp(this.knowledge.typical.log), freshWatch<Curve>())
  }

  /** Learns from one round; a response time that is no number never came. */
  observe({ state: { features }, decision, outcome }: Transition): void {
    const users = this.countUsers(decision)
    const came = decision.flatMap(
      (choice, device) => responseOf(device, choice, outcome.responseTimesMs[device]) ?? [],
    )
    const factor = Math.exp(this.commonFactor(features, came, users))
    const shared = this.knots.map((): Response[] => [])
    for (const response of came) {
      const node = this.sharedNode(response.device, response.choice)
      const own = { ...response, responseMs: response.responseMs / factor }
      this.follow(own)
      if (node < 0) observeLocal(this, features, own)
      else shared[node].push(own)
    }
    for (const [node, responses] of shared.entries()) {
      if (responses.length > 0) observeShared(this, features, node, users[node], responses)
    }
    this.isStale = true
  }

  /**
   * E[c_t]: what slowed all resources of a round alike. Five users of one node are one witness, not five; σ_c² is what witnesses agree on.
   */
  private commonFactor(features: Float32Array, came: readonly Response[], users: Int32Array): number {
    const { noise, together } = this.knowledge
    const witnesses = new Map<number, { sum: number; count: number; belief: number; variance: number }>()
    for (const { device, choice, responseMs } of came) {
      const node = this.sharedNode(device, choice)
      const { mean, variance } = this.believedLog(features, device, choice, Math.max(1, users[node] ?? 1))
      const sigma = logVariance(node < 0 ? noise.local : noise.shared)
      if (variance > sigma) continue
      const key = node < 0 ? device : -1 - node
      const witness = witnesses.get(key) ?? { sum: 0, count: 0, belief: variance, variance: sigma }
      witness.sum += Math.log(responseMs) - mean
      witness.count += 1
      witnesses.set(key, witness)
    }
    if (witnesses.size < 2) return 0
    const most = 3 * Math.sqrt(logVariance(noise.local))
    let [sum, squares, weighted, total] = [0, 0, 0, 0]
    for (const { sum: residuals, count, belief, variance } of witnesses.values()) {
      const residual = Math.min(most, Math.max(-most, residuals / count))
      const precision = 1 / (variance / count + belief)
      sum += residual
      squares += residual * residual
      weighted += precision * residual
      total += precision
    }
    const commonVariance = Math.max(0, excessOver(together, 0))
    addTo(together, (sum * sum - squares) / (witnesses.size * (witnesses.size - 1)))
    return commonVariance === 0 ? 0 : weighted / (total + 1 / commonVariance)
  }

  /** Logarithm of the whole response under so many users of the node, and how much of it is not known. */
  private believedLog(features: Float32Array, device: number, choice: number, users: number): Normal {
    const node = this.sharedNode(device, choice)
    const delay = this.delayEstimate(features, device, choice)
    let own: Normal
    if (node < 0) {
      const { means, variances } = this.estimateRow(this.rowIn(features, device))
      const variant = this.variantOf[choice]
      own = { mean: means[variant], variance: variances[variant] }
    } else own = estimate(this.curveIn(features, node), this.knots[node], users)
    const ownMs = Math.exp(own.mean)
    const totalMs = Math.max(LEAST_MS, ownMs + delay.mean)
    const variance = (own.variance * ownMs ** 2 + delay.variance) / totalMs ** 2
    return { mean: Math.log(totalMs), variance }
  }

  /** S follows the responses. */
  private follow({ responseMs }: Response): void {
    const { typical } = this.knowledge
    typical.count = Math.min(LINK.typicalWeight, typical.count + 1)
    typical.log += (Math.log(responseMs) - typical.log) / typical.count
  }

  /** Learns from one answer by itself. */
  hear({ state: { features }, decision, device, responseTimeMs, users }: Answer): void {
    const counted = this.countUsers(decision)
    const choice = decision[device] ?? -1
    const response = responseOf(device, choice, responseTimeMs)
    if (response === undefined) return
    this.follow(response)
    const node = this.sharedNode(device, choice)
    if (node < 0) observeLocal(this, features, response)
    else observeShared(this, features, node, users ?? counted[node] ?? 0, [response])
    this.isStale = true
  }

  /** Learns anew what devices have in common; to be called before planning, when something was heard. */
  refresh(): void {
    if (!this.isStale) return
    this.delays.typicalMs = Math.exp(this.knowledge.typical.log)
    this.delays.refresh()
    this.local.refresh(this.allRows())
    this.isStale = false
  }

  /** How often responses are slow for no reason that lasts, and from when on. */
  slowResponses(noise: Noise): SlowResponses {
    return { rate: this.options.slowResponses ? slowRate(noise) : 0, from: slowFrom(noise) }
  }

  /** A resource was found to have changed. */
  noteChange(resource: number): void {
    this.knowledge.changes += 1
    this.knowledge.changedAt[resource] = this.knowledge.round
  }

  /** Users of each shared node under a decision; more may be given to a node that has served so many. */
  private countUsers(decision: Decision): Int32Array {
    if (this.counted?.decision === decision) return this.counted.users
    const { mostUsers } = this.knowledge
    const users = new Int32Array(this.knots.length)
    this.counted = { decision, users }
    for (const [device, choice] of decision.entries()) {
      const node = this.sharedNode(device, choice)
      if (node >= 0) users[node] = users[node] + 1
    }
    for (const [node, count] of users.entries()) {
      mostUsers[node] = Math.max(mostUsers[node], count)
    }
    return users
  }

  /** Of a device's variants, for the caller to read before the next call. */
  estimateRow(row: Row): { readonly means: Float64Array; readonly variances: Float64Array } {
    const { means, variances } = this
    this.local.estimate(row, means, variances)
    return { means, variances }
  }

  delayEstimate(features: Float32Array, device: number, choice: number): Normal {
    const pool = this.delayOf(features, device, choice)
    return pool === undefined ? { mean: 0, variance: 0 } : this.delays.estimate(pool, device)
  }

  /** From now on this is what is known of a device in the state it is in. */
  enterRow(features: Float32Array, device: number, row: Row): void {
    const state = this.layout.processorState(features, device)
    this.knowledge.rows[device]?.set(state, row)
    this.knowledge.seen[device] = state
  }

  /** The same of a shared node. */
  enterCurve(features: Float32Array, node: number, curve: Curve): void {
    const index = this.layout.devices + node
    const state = this.layout.processorState(features, index)
    this.knowledge.curves[node]?.set(state, curve)
    this.knowledge.seen[index] = state
  }

  /** How many devices and shared nodes became slower and have not been found to be as before. */
  get slowed(): number {
    const { rows, curves } = this.knowledge
    const all = [...rows, ...curves].flatMap((states) => [...states.values()])
    return all.filter(({ watch }) => watch.before !== undefined).length
  }

  save(): SavedModel {
    this.refresh()
    const { knowledge, delays, local } = this
    return { knowledge, pools: delays.pools, groups: local.groups, spreads: local.spreads }
  }

  restore({ knowledge, pools, groups, spreads }: SavedModel): void {
    this.knowledge = knowledge
    this.delays.pools = [...pools]
    this.local.groups = [...groups]
    this.local.spreads = [...spreads]
    this.delays.typicalMs = Math.exp(knowledge.typical.log)
    this.isStale = false
    this.counted = undefined
  }

  private allRows(): Row[] {
    const absent = [...this.knowledge.absent.values()].map(({ rows }) => rows)
    const rows = [...this.knowledge.rows, ...absent].flatMap((states) => [...states.values()])
    // What a device was before it changed tells as much of the variants as another device would.
    return rows.flatMap((row) => (row.watch.before ? [row, row.watch.before] : row))
  }
}

/** undefined: it never came. */
function responseOf(device: number, choice: number, ms = Number.NaN): Response | undefined {
  if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) return undefined
  return { device, choice, responseMs: Math.max(ms, LEAST_MS) }
}
