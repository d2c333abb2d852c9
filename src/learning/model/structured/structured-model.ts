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
 * A choice that escalates takes what its first variant takes, and for a share of the requests (`shares.ts`) what the large one takes at the
 * device or its node, the way l of that leg being its own: a request is captured only once.
 *
 * Everything but o is learned; the priors are in `constants.ts`. Each resource is believed in separately in every processor state (Table
 * II) it was seen in. Responses may also be slow for no reason that lasts (`cell.ts`), and a resource may change (`watch.ts`).
 * Plain data in `knowledge`; all else is computed from it.
 */
import { loadedTier, type Stages, stagesOf } from '../../../fleet/choice.ts'
import { StateLayout } from '../../../fleet/state.ts'
import type { Decision, Problem } from '../../environment/environment.ts'
import type { Normal, SlowResponses } from './cell.ts'
import { CHANGE, LINK, LOCAL } from './constants.ts'
import { Delays } from './delays.ts'
import { freshKnowledge, type Knowledge, type SavedModel } from './knowledge.ts'
import { LocalTimes, type Row } from './local-times.ts'
import { type Curve, freshCurve, knotsUpTo, shifted } from './node-curve.ts'
import { type Noise, slowFrom, slowRate } from './noise.ts'
import { delayPrior, familiesOf, localPrior, stateShift, toldPrior } from './priors.ts'
import { learnedShare } from './shares.ts'
import { toldOffsets } from './told-times.ts'
import { freshWatch, type Pace } from './watch.ts'

/** Combinations of Regular and Weak links on a way. */
const LINK_STATES = 8

/** Changes that wait to be told; of more, the oldest is forgotten. */
const MOST_FOUND = 16

/** What it reckons with. */
export interface ModelOptions {
  /** Whether a response may be slow for no reason that lasts; else all count alike. */
  readonly slowResponses: boolean
  /** Whether what is known may no longer be true; else nothing is ever forgotten. */
  readonly forget: boolean
}

/** What is believed of one fleet; it is taught by `learning.ts`. */
export class StructuredModel {
  readonly problem: Problem
  readonly options: ModelOptions
  readonly layout: StateLayout
  readonly local: LocalTimes
  readonly delays: Delays
  /** Choices at the device that do not escalate, in order: variant k of `LocalTimes` is choice `localChoices[k]`. */
  readonly localChoices: readonly number[]
  /** By choice; undefined where it does not escalate. Shape [choices]. */
  readonly stages: readonly (Stages | undefined)[]
  /** The first choice that escalates to the same placement, by choice; -1 where it does not escalate. Shape [choices]. */
  private readonly legs: readonly number[]
  /** Whether some choice escalates. */
  readonly escalates: boolean
  /** By shared node: users at the knots of its curve. */
  readonly knots: Int32Array[]
  knowledge: Knowledge
  /** Variant of each choice at the device. Shape [choices]. */
  readonly variantOf: Int32Array
  /** o: what each device told of itself; undefined: nothing. Shape [devices][variants]. */
  readonly offsets: readonly (Float64Array | undefined)[]
  /** Something was learned since what devices have in common was. */
  isStale = false
  /** Changes that nobody was told of yet, newest last; nothing is learned from them. */
  readonly found: { readonly resource: number; readonly became: Pace }[] = []
  /** The decision last counted, and the users it gives each shared node: many answers come under one. */
  counted: { readonly decision: Decision; readonly users: Float64Array } | undefined

  constructor(problem: Problem, options: ModelOptions = { slowResponses: true, forget: true }) {
    const { devices, choices, classOf } = problem
    this.problem = problem
    this.options = options
    this.layout = new StateLayout(problem)
    this.stages = stagesOf(choices)
    this.legs = this.stages.map((stage) =>
      stage ? this.stages.findIndex((other) => other?.second === stage.second) : -1,
    )
    this.escalates = this.stages.some((stage) => stage !== undefined)
    this.localChoices = choices.flatMap(({ placement, escalation }, choice) =>
      placement.tier === 'end' && !escalation ? [choice] : [],
    )
    this.variantOf = Int32Array.from(choices, (_, choice) => this.localChoices.indexOf(choice))
    const variants = this.localChoices.flatMap((choice) => choices[choice] ?? [])
    const told = toldOffsets(problem, this.localChoices)
    this.offsets = told.offsets
    const kinds = [localPrior(variants), toldPrior(told.shape)]
    this.local = new LocalTimes(
      kinds,
      kinds.length * (1 + Math.max(0, ...(classOf ?? []))),
      familiesOf(variants),
      LOCAL.spreadWeight,
    )
    this.delays = new Delays(
      devices,
      this.delayPriors(),
      LINK.spreadWeight,
      Math.exp(LOCAL.level.mean),
    )
    const { edges, edgeOf } = this.layout
    const served = new Int32Array(edges + 1)
    for (const edge of edgeOf) served[edge] += 1
    served[edges] = devices
    this.knots = Array.from(served, (most) => knotsUpTo(Math.max(1, most)))
    this.knowledge = freshKnowledge(devices, edges)
  }

  /** Of every choice in every state of its links. */
  private delayPriors() {
    const { choices } = this.problem
    return choices.flatMap(({ placement: { tier }, escalation }, index) => {
      const isReference =
        tier === 'end' || choices.findIndex(({ placement }) => placement.tier === tier) === index
      const kind = escalation ? 'escalation' : isReference ? 'reference' : 'other'
      return Array.from({ length: LINK_STATES }, (_, links) => delayPrior(links, kind))
    })
  }

  /** How many devices, edges and clouds there are. */
  get resources(): number {
    return this.layout.cloud + 1
  }

  /** The shared node that a device's choice uses, also to escalate to: edges from 0, the cloud last; -1 where the device itself serves it. */
  sharedNode(device: number, choice: number): number {
    const taken = this.problem.choices[choice]
    const tier = taken && loadedTier(taken)
    if (tier === 'edge') return this.layout.edgeOf[device]
    return tier === 'cloud' ? this.layout.edges : -1
  }

  /**
   * Pool of the delay on the way of a choice, shared by all choices at the device; of one that escalates, on the way of its second leg,
   * shared by all that lead to the same place. `undefined` at the device itself while no link is weak: nothing is added.
   */
  delayOf(features: Float32Array, device: number, choice: number): number | undefined {
    const { layout } = this
    const node = this.sharedNode(device, choice)
    const links =
      layout.linkState(features, device) +
      2 * layout.linkState(features, layout.edge(device)) +
      (node === layout.edges ? 4 * layout.linkState(features, layout.cloud) : 0)
    if (this.stages[choice]) return this.legs[choice] * LINK_STATES + links
    if (node >= 0) return choice * LINK_STATES + links
    return links === 0 ? undefined : this.localChoices[0] * LINK_STATES + links
  }

  /** How often a device is expected to escalate by a choice; 1 where the choice does not. */
  shareOf(device: number, choice: number): number {
    const stage = this.stages[choice]
    const stated = this.problem.choices[choice]?.escalation?.share
    if (!stage || stated === undefined) return 1
    return learnedShare(this.knowledge.shares[device].get(stage.first), stated)
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

  /** How often responses are slow for no reason that lasts, and from when on. */
  slowResponses(noise: Noise): SlowResponses {
    return { rate: this.options.slowResponses ? slowRate(noise) : 0, from: slowFrom(noise) }
  }

  /** A resource was found to have changed. */
  noteChange(resource: number, became: Pace): void {
    this.knowledge.changes += 1
    this.knowledge.changedAt[resource] = this.knowledge.round
    this.tell(resource, became)
  }

  /** A resource was taken for changed, and is not. */
  takeBackChange(resource: number): void {
    this.knowledge.changes -= 1
    this.tell(resource, 'as-before')
  }

  private tell(resource: number, became: Pace): void {
    this.found.push({ resource, became })
    if (this.found.length > MOST_FOUND) this.found.shift()
  }

  /** Pools of delays that responses of devices themselves tell of. */
  localPools(): number[] {
    return this.poolsOf(
      this.problem.choices.flatMap((choice, index) =>
        index === this.localChoices[0] || (choice.escalation && loadedTier(choice) === 'end')
          ? [index]
          : [],
      ),
    )
  }

  /** Those that responses of shared nodes tell of. */
  sharedPools(): number[] {
    return this.poolsOf(
      this.problem.choices.flatMap((choice, index) =>
        loadedTier(choice) === 'end' ? [] : [index],
      ),
    )
  }

  private poolsOf(choices: readonly number[]): number[] {
    return choices.flatMap((choice) =>
      Array.from({ length: LINK_STATES }, (_, links) => choice * LINK_STATES + links),
    )
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
    const { knowledge, delays, local } = this
    return { knowledge, pools: delays.pools, groups: local.groups, spreads: local.spreads }
  }

  restore({ knowledge, pools, groups, spreads }: SavedModel): void {
    this.knowledge = { ...this.knowledge, ...knowledge }
    this.delays.pools = [...pools]
    this.local.restore(groups, spreads)
    this.delays.typicalMs = Math.exp(knowledge.typical.log)
    this.isStale = false
    this.counted = undefined
  }

  /** Of all devices, also those absent, in all states, also as they were before they changed. */
  allRows(): Row[] {
    const absent = [...this.knowledge.absent.values()].map(({ rows }) => rows)
    const rows = [...this.knowledge.rows, ...absent].flatMap((states) => [...states.values()])
    // What a device was before it changed tells as much of the variants as another device would.
    return rows.flatMap((row) => (row.watch.before ? [row, row.watch.before] : row))
  }
}
