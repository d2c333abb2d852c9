/**
 * The System Model of Figure 2 (HL paper) with the structure of the fleet instead of a network: what a device takes for a variant,
 * what a link adds, and what a shared node takes for so many users. Each in every observed state of the resource, each with its
 * uncertainty. Plain data in `knowledge`; all else is computed from it.
 */

import { StateLayout } from '../../../fleet/state.ts'
import type { Answer, Decision, Problem, Transition } from '../../environment/environment.ts'
import type { Normal } from './cell.ts'
import { Delays, type Pool } from './delays.ts'
import { type ClassMeans, LocalTimes, type Row, type Spread } from './local-times.ts'
import { type Curve, freshCurve, knotsUpTo, shifted } from './node-curve.ts'
import { freshNoise, type Noise, slowRate } from './noise.ts'
import { observeLocal, observeShared, type Response } from './observation.ts'
import { delayPrior, localPrior, NODE_MS, stateShift } from './priors.ts'
import { freshWatch } from './watch.ts'

/** Combinations of Regular and Weak links on a way. */
const LINK_STATES = 8
/** Responses below are taken for this long: logarithms need it. */
const LEAST_MS = 1e-3
/** Of a device that shares those of its class. */
const NO_MEANS = new Float64Array(0)
/** How little is known of a resource in a state never seen. */
const UNSEEN_VARIANCE = 0.5 ** 2

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
  /** By name, those that were in the fleet before, the one absent longest first. */
  readonly absent: Map<string, KnownDevice>
  /** Decisions that something was learned from. */
  round: number
}

/** What is known of one device, wherever it is. */
export interface KnownDevice {
  /** By processor state. */
  readonly rows: Map<number, Row>
  /** The processor state it was last seen in; -1: none. */
  readonly seen: number
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
  readonly classes: readonly ClassMeans[]
  readonly spread: Spread
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
    this.local = new LocalTimes(localPrior(variants), 1 + Math.max(0, ...(classOf ?? [])))
    this.delays = new Delays(
      devices,
      choices.flatMap((choice, index) => {
        const isReference =
          choice.placement.tier === 'end' ||
          choices.findIndex(({ placement }) => placement.tier === choice.placement.tier) === index
        return Array.from({ length: LINK_STATES }, (_, links) =>
          delayPrior(choice, links, isReference),
        )
      }),
    )
    const { edges, edgeOf } = this.layout
    const served = new Int32Array(edges + 1).fill(0)
    for (const edge of edgeOf) served[edge] = served[edge] + 1
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
      absent: new Map(),
      round: 0,
    }
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
    const { rows, seen, round } = this.knowledge
    const state = this.layout.processorState(features, device)
    const row = rows[device]?.get(state)
    if (row) return row
    const last = rows[device]?.get(seen[device])
    const watch = freshWatch<Row>(undefined, round)
    if (!last) {
      const classIndex = this.problem.classOf?.[device] ?? 0
      return { classIndex, means: NO_MEANS, speedVariance: 0, cells: [], watch }
    }
    const shift = stateShift(seen[device], state)
    const means = this.estimateRow(last).means.map((mean) => mean + shift)
    return { classIndex: -1, means, speedVariance: UNSEEN_VARIANCE, cells: [], watch }
  }

  /** The same of a shared node. */
  curveIn(features: Float32Array, node: number): Curve {
    const { curves, seen, round } = this.knowledge
    const index = this.layout.devices + node
    const state = this.layout.processorState(features, index)
    const curve = curves[node]?.get(state)
    if (curve) return curve
    const last = curves[node]?.get(seen[index])
    const watch = freshWatch<Curve>(undefined, round)
    const shift = stateShift(seen[index], state)
    return last ? shifted(last, shift, UNSEEN_VARIANCE, watch) : this.freshCurve(node)
  }

  /** What is believed of a shared node before anything is known of it. */
  freshCurve(node: number): Curve {
    const watch = freshWatch<Curve>(undefined, this.knowledge.round)
    const cores = node === this.layout.edges ? 4 + this.layout.devices / 16 : 2
    return freshCurve(this.knots[node], NODE_MS, cores, watch)
  }

  /** Learns from one round; a response time that is no number never came. */
  observe({ state: { features }, decision, outcome }: Transition): void {
    const users = this.countUsers(decision)
    const shared = this.knots.map(() => [] as Response[])
    for (const [device, choice] of decision.entries()) {
      const node = this.sharedNode(device, choice)
      const response = responseOf(device, choice, outcome.responseTimesMs[device])
      if (response === undefined) continue
      if (node < 0) observeLocal(this, features, response)
      else shared[node]?.push(response)
    }
    for (const [node, responses] of shared.entries()) {
      if (responses.length > 0) observeShared(this, features, node, users[node] ?? 0, responses)
    }
    this.isStale = true
  }

  /** Learns from one answer by itself. */
  hear({ state: { features }, decision, device, responseTimeMs, users }: Answer): void {
    const counted = this.countUsers(decision)
    const choice = decision[device] ?? -1
    const response = responseOf(device, choice, responseTimeMs)
    if (response === undefined) return
    const node = this.sharedNode(device, choice)
    if (node < 0) observeLocal(this, features, response)
    else observeShared(this, features, node, users ?? counted[node] ?? 0, [response])
    this.isStale = true
  }

  /** Learns anew what devices have in common; to be called before planning, when something was heard. */
  refresh(): void {
    if (!this.isStale) return
    this.delays.refresh()
    this.local.refresh(this.allRows())
    this.isStale = false
  }

  /** How often a response is slow for no reason that lasts. */
  slowRate(noise: Noise): number {
    return this.options.slowResponses ? slowRate(noise) : 0
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
    return { knowledge, pools: delays.pools, classes: local.classes, spread: local.spread }
  }

  restore({ knowledge, pools, classes, spread }: SavedModel): void {
    this.knowledge = knowledge
    this.delays.pools = [...pools]
    this.local.classes = [...classes]
    this.local.spread = spread
    this.isStale = false
    this.counted = undefined
  }

  private allRows(): Row[] {
    const absent = [...this.knowledge.absent.values()].map(({ rows }) => rows)
    return [...this.knowledge.rows, ...absent].flatMap((rows) => [...rows.values()])
  }
}

/** undefined: it never came. */
function responseOf(device: number, choice: number, ms = Number.NaN): Response | undefined {
  if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) return undefined
  return { device, choice, responseMs: Math.max(ms, LEAST_MS) }
}
