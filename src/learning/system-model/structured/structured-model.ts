/**
 * The System Model of Figure 2 (HL paper) with the structure of the fleet instead of a network: what a device takes for a variant,
 * what a link adds, and what a shared node takes for so many users. Each in every observed state of the resource, each with its
 * uncertainty. Plain data in `knowledge`; all else is computed from it.
 */
import type { Decision, Problem, Transition } from '../../environment/environment.ts'
import { StateLayout } from '../../environment/state-layout.ts'
import { addSample, type Cell, emptyCell, fold, label, type Normal, tellDelay } from './cell.ts'
import { Delays, type Pool } from './delays.ts'
import { type ClassMeans, LocalTimes, type Row, type Spread } from './local-times.ts'
import { type Curve, estimate, freshCurve, knotsUpTo, rebuild, shifted } from './node-curve.ts'
import { addResidual, freshNoise, type Noise, relativeVariance, slowRate } from './noise.ts'
import { delayPrior, localPrior, NODE_MS, stateShift } from './priors.ts'

/** Combinations of Regular and Weak links on a way. */
const LINK_STATES = 8
/** Responses below are taken for this long: logarithms need it. */
const LEAST_MS = 1e-3
/** Variance of the logarithm beyond which a sample tells nothing. */
const MOST_VARIANCE = 4
/** Deviation of an unknown delay, as a share of the response time it is part of. */
const MOST_OF_RESPONSE = 0.3
/** Least variance of what is believed without a cell's own samples. */
const LEAST_LOCAL_VARIANCE = 0.35 ** 2
const LEAST_NODE_VARIANCE = 0.25 ** 2
/** How little is known of a resource in a state never seen. */
const UNSEEN_VARIANCE = 0.5 ** 2
/** Effective samples from which a cell's residuals tell of the noise. */
const ENOUGH_SAMPLES = 3

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
  readonly noise: Noise
}

export interface SavedModel {
  readonly knowledge: Knowledge
  readonly pools: readonly (Pool | undefined)[]
  readonly classes: readonly ClassMeans[]
  readonly spread: Spread
}

export class StructuredModel {
  readonly problem: Problem
  readonly layout: StateLayout
  readonly local: LocalTimes
  readonly delays: Delays
  /** Choices at the device, in order: variant k of `LocalTimes` is choice `localChoices[k]`. */
  readonly localChoices: readonly number[]
  /** By shared node: users at the knots of its curve. */
  readonly knots: readonly Int32Array[]
  knowledge: Knowledge
  private readonly variantOf: Int32Array
  private readonly means: Float64Array
  private readonly variances: Float64Array

  constructor(problem: Problem) {
    const { devices, choices, classOf } = problem
    this.problem = problem
    this.layout = new StateLayout(problem)
    this.localChoices = choices.flatMap(({ placement }, choice) =>
      placement.tier === 'end' ? [choice] : [],
    )
    this.variantOf = Int32Array.from(choices, (_, choice) => this.localChoices.indexOf(choice))
    const variants = this.localChoices.map((choice) => choices[choice]?.placement.variant ?? '')
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
    for (const edge of edgeOf) served[edge] = (served[edge] as number) + 1
    served[edges] = devices
    this.knots = Array.from(served, (most) => knotsUpTo(Math.max(1, most)))
    this.means = new Float64Array(variants.length)
    this.variances = new Float64Array(variants.length)
    this.knowledge = {
      rows: Array.from({ length: devices }, () => new Map()),
      curves: Array.from(served, () => new Map()),
      seen: new Int32Array(devices + edges + 1).fill(-1),
      mostUsers: new Int32Array(edges + 1),
      noise: freshNoise(),
    }
  }

  /** The shared node of a device's choice, edges from 0, the cloud last; -1 where the device itself serves it. */
  sharedNode(device: number, choice: number): number {
    const tier = this.problem.choices[choice]?.placement.tier
    if (tier === 'edge') return this.layout.edgeOf[device] as number
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
    return links === 0 ? undefined : (this.localChoices[0] as number) * LINK_STATES + links
  }

  /** What is known of a device in a state, or would be if it were in it. */
  rowIn(features: Float32Array, device: number): Row {
    const { rows, seen } = this.knowledge
    const state = this.layout.processorState(features, device)
    const row = rows[device]?.get(state)
    if (row) return row
    const last = rows[device]?.get(seen[device] as number)
    if (!last) {
      const classIndex = this.problem.classOf?.[device] ?? 0
      return { classIndex, means: this.means.map(() => 0), speedVariance: 0, cells: [] }
    }
    this.local.estimate(last, this.means, this.variances)
    const shift = stateShift(seen[device] as number, state)
    return {
      classIndex: -1,
      means: this.means.map((mean) => mean + shift),
      speedVariance: UNSEEN_VARIANCE,
      cells: [],
    }
  }

  /** The same of a shared node. */
  curveIn(features: Float32Array, node: number): Curve {
    const { curves, seen } = this.knowledge
    const index = this.layout.devices + node
    const state = this.layout.processorState(features, index)
    const curve = curves[node]?.get(state)
    if (curve) return curve
    const last = curves[node]?.get(seen[index] as number)
    if (last) return shifted(last, stateShift(seen[index] as number, state), UNSEEN_VARIANCE)
    const knots = this.knots[node] as Int32Array
    const isCloud = node === this.layout.edges
    return freshCurve(knots, NODE_MS, isCloud ? 4 + this.layout.devices / 16 : 2)
  }

  /** Learns from one round; a response time that is no number never came. */
  observe({ state: { features }, decision, outcome }: Transition): void {
    const users = this.usersOf(decision)
    const shared = users.map(() => [] as number[])
    for (const [device, choice] of decision.entries()) {
      const responseTimeMs = outcome.responseTimesMs[device]
      if (responseTimeMs === undefined || !(responseTimeMs >= 0 && responseTimeMs < Infinity)) {
        continue
      }
      const node = this.sharedNode(device, choice)
      if (node < 0) this.observeLocal(features, device, choice, responseTimeMs)
      else shared[node]?.push(device)
    }
    for (const [node, devices] of shared.entries()) {
      const { mostUsers } = this.knowledge
      mostUsers[node] = Math.max(mostUsers[node] as number, users[node] as number)
      if (devices.length > 0)
        this.observeShared(
          features,
          node,
          users[node] as number,
          devices,
          decision,
          outcome.responseTimesMs,
        )
    }
    this.delays.refresh()
    this.local.refresh(this.allRows())
  }

  save(): SavedModel {
    const { knowledge, delays, local } = this
    return { knowledge, pools: delays.pools, classes: local.classes, spread: local.spread }
  }

  restore({ knowledge, pools, classes, spread }: SavedModel): void {
    this.knowledge = knowledge
    this.delays.pools = [...pools]
    this.local.classes = [...classes]
    this.local.spread = spread
  }

  private *allRows(): Iterable<Row> {
    for (const rows of this.knowledge.rows) yield* rows.values()
  }

  private usersOf(decision: Decision): number[] {
    const users = this.knots.map(() => 0)
    for (const [device, choice] of decision.entries()) {
      const node = this.sharedNode(device, choice)
      if (node >= 0) users[node] = (users[node] ?? 0) + 1
    }
    return users
  }

  private delayEstimate(features: Float32Array, device: number, choice: number): Normal {
    const pool = this.delayOf(features, device, choice)
    return pool === undefined ? { mean: 0, variance: 0 } : this.delays.estimate(pool, device)
  }

  private observeLocal(
    features: Float32Array,
    device: number,
    choice: number,
    responseMs: number,
  ): void {
    const { knowledge, means, variances, local } = this
    const { noise } = knowledge
    const row = this.rowIn(features, device)
    this.enter(features, device, knowledge.rows[device], row)
    const variant = this.variantOf[choice] as number
    const cell = cellAt(row, variant)
    const delay = this.delayEstimate(features, device, choice)
    local.estimate(row, means, variances)
    const believedMs = Math.exp(means[variant] as number)
    const expectedMs = believedMs + delay.mean
    const relative = relativeVariance(noise)
    const noiseVariance = relative * expectedMs ** 2
    const ownMs = Math.max(responseMs - delay.mean, 0.15 * responseMs, LEAST_MS)
    const variance = Math.max(relative, (noiseVariance + delay.variance) / believedMs ** 2)
    const isKnown = cell.precision * relative >= ENOUGH_SAMPLES
    addSample(cell, Math.log(ownMs), Math.min(MOST_VARIANCE, variance))
    for (const [index, other] of row.cells.entries()) {
      if (!other) continue
      const now = { mean: means[index] as number, variance: variances[index] as number }
      label(other, now, LEAST_LOCAL_VARIANCE, slowRate(noise), this.delays)
    }
    const pool = this.delayOf(features, device, choice)
    const last = cell.values.length - 1
    if (pool !== undefined) {
      const told = {
        mean: responseMs - believedMs,
        variance: noiseVariance + believedMs ** 2 * Math.min(1, variances[variant] as number) + 1,
      }
      tellDelay(cell, last, this.delays.indexOf(pool, device), told, this.delays)
    }
    if (isKnown) addResidual(noise, responseMs / expectedMs - 1, cell.weights[last] as number)
    this.settle(cell)
  }

  private observeShared(
    features: Float32Array,
    node: number,
    users: number,
    devices: readonly number[],
    decision: Decision,
    responsesMs: readonly number[],
  ): void {
    const { knowledge, delays } = this
    const { noise } = knowledge
    const curve = this.curveIn(features, node)
    this.enter(features, this.layout.devices + node, knowledge.curves[node], curve)
    const knots = this.knots[node] as Int32Array
    const cell = curve.cells.get(users) ?? emptyCell()
    curve.cells.set(users, cell)
    const relative = relativeVariance(noise)
    const isKnown = cell.precision * relative >= ENOUGH_SAMPLES
    const before = estimate(curve, knots, users)
    const first = cell.values.length
    const ways = devices.map((device) => {
      const choice = decision[device] as number
      const pool = this.delayOf(features, device, choice) as number
      const delay = delays.estimate(pool, device)
      const responseMs = Math.max(responsesMs[device] as number, LEAST_MS)
      const ownMs = Math.max(responseMs - delay.mean, 0.2 * responseMs)
      // A fast response cannot have come over a slow link, whatever is known of the link.
      const delayVariance = Math.min(delay.variance, (MOST_OF_RESPONSE * responseMs) ** 2)
      const variance = (delayVariance + relative * responseMs ** 2) / ownMs ** 2
      addSample(cell, Math.log(ownMs), Math.min(MOST_VARIANCE, variance))
      return { device, pool, delay, responseMs }
    })
    label(cell, before, LEAST_NODE_VARIANCE, slowRate(noise), delays)
    rebuild(curve, knots)
    const after = estimate(curve, knots, users)
    const nodeMs = Math.exp(after.mean)
    for (const [index, { device, pool, delay, responseMs }] of ways.entries()) {
      const expectedMs = nodeMs + delay.mean
      const told = {
        mean: responseMs - nodeMs,
        variance: relative * expectedMs ** 2 + nodeMs ** 2 * Math.min(1, after.variance) + 1,
      }
      tellDelay(cell, first + index, delays.indexOf(pool, device), told, delays)
      const beforeMs = Math.exp(before.mean) + delay.mean
      if (isKnown)
        addResidual(noise, responseMs / beforeMs - 1, cell.weights[first + index] as number)
    }
    this.settle(cell)
  }

  /** Keeps what is known of a node in the state it is in now. */
  private enter<Known>(
    features: Float32Array,
    node: number,
    states: Map<number, Known> | undefined,
    known: Known,
  ): void {
    const state = this.layout.processorState(features, node)
    states?.set(state, known)
    this.knowledge.seen[node] = state
  }

  private settle(cell: Cell): void {
    const { noise } = this.knowledge
    const { folded, slow } = fold(cell)
    noise.folded += folded
    noise.slow += slow
  }
}

function cellAt(row: Row, variant: number): Cell {
  const cell = row.cells[variant] ?? emptyCell()
  row.cells[variant] = cell
  return cell
}
