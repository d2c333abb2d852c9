/**
 * The System Model of Figure 2: System(s, a; θ_s) → average response time r and next state s'. It starts with no assumption
 * about the environment and is learned from real experience in D_world (HL paper, section III, phase 2). r is the sum of a wide part,
 * which knows how sure it is, and a deep one, which learns what the wide one cannot express.
 */
import type { Random } from '../../random.ts'
import type { Prediction } from '../agents/agent.ts'
import type { Hyperparameters } from '../agents/hyperparameters.ts'
import type { Decision, Problem } from '../environment/environment.ts'
import { indexOf } from '../environment/feasible.ts'
import { costTrainingOptions, scaledCost } from '../nn/cost-scale.ts'
import type { Engine } from '../nn/engine.ts'
import { initialParameters, networkShape } from '../nn/network.ts'
import { type NetworkState, WideAndDeepNetwork } from '../nn/wide-and-deep.ts'
import type { Experience } from '../replay/experience.ts'
import { WideModel, type WideState, type WideView } from './wide.ts'

/** For a checkpoint. */
export interface SystemModelState {
  readonly wide: WideState | undefined
  readonly deep: NetworkState | undefined
  readonly nextState: NetworkState | undefined
}

/** System(s, a; θ_s). */
export class SystemModel {
  private readonly problem: Problem
  private readonly hyperparameters: Hyperparameters
  private readonly wide: WideModel
  private readonly deep: WideAndDeepNetwork | undefined
  /** Logits of s'; absent when the problem has no state. */
  private readonly stateNetwork: WideAndDeepNetwork | undefined
  private view: SystemView | undefined

  constructor(problem: Problem, engine: Engine, hyperparameters: Hyperparameters, random: Random) {
    this.problem = problem
    this.hyperparameters = hyperparameters
    const { hidden, stateHidden, systemAverageDecay, ablation } = hyperparameters
    const options = costTrainingOptions(hyperparameters, systemAverageDecay)
    this.wide = new WideModel(problem, hyperparameters.wide)
    if (!ablation.withoutDeep) {
      const shape = networkShape(problem, hidden, 1)
      const parameters = initialParameters(shape, random, 0)
      this.deep = new WideAndDeepNetwork(shape, engine, options, parameters)
    }
    if (problem.stateSize > 0) {
      const shape = networkShape(problem, stateHidden, problem.stateSize)
      const parameters = initialParameters(shape, random, 0)
      const classified = { ...options, loss: 'cross-entropy' } as const
      this.stateNetwork = new WideAndDeepNetwork(shape, engine, classified, parameters)
    }
  }

  /** What it expects in one state; holds until it learns. */
  in(features: Float32Array, scaleMs: number): SystemView {
    if (
      this.view?.features.every((value, i) => value === features[i]) &&
      this.view.scaleMs === scaleMs
    )
      return this.view
    this.view = new SystemView(
      this.problem,
      features.slice(),
      scaleMs,
      this.wide.in(features),
      this.deep?.scoreAll(features).slice(),
    )
    return this.view
  }

  /**
   * What devices are expected to take under some decisions, and how unsure the wide part is. The deep part knows averages alone: what it
   * corrects is each device's. No more is computed than that, and `in` expects the same as before.
   * @returns undefined before anything was learned
   */
  believe(
    features: Float32Array,
    decisions: readonly Decision[],
    scaleMs: number,
  ): Prediction[] | undefined {
    if (this.wide.isEmpty) return undefined
    const wide = this.wide.in(features)
    return decisions.map((decision) => {
      const [deep = 0] = this.deep?.predict(features, decision) ?? []
      const { expectedMs, deviationsMs } = wide.ofDevices(decision)
      // What is linear may fall below nothing where little was tried: then nothing can be said.
      const responseTimesMs = expectedMs
        .map((ms) => ms + deep * scaleMs)
        .map((ms) => (ms > 0 ? ms : Number.NaN))
      return { responseTimesMs, spreadsMs: deviationsMs }
    })
  }

  /** What is expected of s': the probability that a feature is 1, or a level as a share of the highest. [stateSize] */
  next(features: Float32Array, decision: Decision): Float32Array {
    return (
      this.stateNetwork?.predict(features, decision).map((logit) => 1 / (1 + Math.exp(-logit))) ??
      features
    )
  }

  /** s' with every feature 0 or 1, drawn. [stateSize] */
  drawNext(features: Float32Array, decision: Decision, random: Random): Float32Array {
    if (!this.stateNetwork) return features
    return this.next(features, decision).map((share) => (random.uniform() < share ? 1 : 0))
  }

  /** The wide part learns one real step: the average, or every device's own response time where they are given. */
  observe(
    { features, decision, cost }: Experience,
    responseTimesMs: readonly number[] | undefined,
  ): void {
    this.view = undefined
    this.wide.observe(features, decision, responseTimesMs ?? cost)
  }

  /**
   * One update of each network per `batchSize` experiences (line 20).
   * @returns number of gradient updates
   */
  update(experiences: readonly Experience[], scaleMs: number): number {
    const { batchSize } = this.hyperparameters
    this.view = undefined
    const updates = experiences.length / batchSize
    this.deep?.train(
      experiences.map(({ features, decision, cost }) => {
        const residualMs = cost - this.wide.expected(features, decision)
        const targets = [scaledCost(residualMs, scaleMs, this.hyperparameters)]
        return { features, decision, targets, weight: 1 }
      }),
    )
    if (!this.stateNetwork) return this.deep ? updates : 0
    const quarter = Math.ceil(updates / 4)
    this.stateNetwork.train(
      experiences.slice(0, quarter * batchSize).map(({ features, decision, nextFeatures }) => ({
        features,
        decision,
        targets: nextFeatures,
        weight: 1,
      })),
    )
    return (this.deep ? updates : 0) + quarter
  }

  save(): SystemModelState {
    return { wide: this.wide.save(), deep: this.deep?.save(), nextState: this.stateNetwork?.save() }
  }

  restore(state: SystemModelState): void {
    this.view = undefined
    if (state.wide) this.wide.restore(state.wide)
    if (state.deep) this.deep?.restore(state.deep)
    if (state.nextState) this.stateNetwork?.restore(state.nextState)
  }
}

/** System in one state. */
export class SystemView {
  readonly features: Float32Array
  readonly scaleMs: number
  private readonly problem: Problem
  private readonly wide: WideView
  private readonly deep: Float32Array | undefined
  private meanCosts: Float32Array | undefined

  constructor(
    problem: Problem,
    features: Float32Array,
    scaleMs: number,
    wide: WideView,
    deep: Float32Array | undefined,
  ) {
    this.problem = problem
    this.features = features
    this.scaleMs = scaleMs
    this.wide = wide
    this.deep = deep
  }

  /** Expected r of every joint decision, ms. [choices^devices] */
  means(): Float32Array {
    this.meanCosts ??= this.withDeep(this.wide.means())
    return this.meanCosts
  }

  /** The same by weights drawn from the posterior. */
  draw(random: Random, spread: number): Float32Array {
    return this.withDeep(this.wide.draw(random, spread))
  }

  /** The decision that a draw holds best. @param allowed indices, ascending */
  drawBest(random: Random, spread: number, allowed: Uint32Array): number {
    return this.wide.drawBest(random, spread, allowed, this.deep, this.scaleMs)
  }

  /** Expected r, ms. */
  cost(decision: Decision): number {
    const deep = this.deep ? this.deep[indexOf(decision, this.problem)] * this.scaleMs : 0
    return this.wide.expected(decision) + deep
  }

  /** How unsure it is of r, or of how much r differs from that of another decision; standard deviation, ms. */
  deviation(decision: Decision, other?: Decision): number {
    return this.wide.deviation(decision, other)
  }

  private withDeep(costs: Float32Array): Float32Array {
    const { deep, scaleMs } = this
    if (!deep) return costs
    for (let i = 0; i < costs.length; i++) costs[i] = costs[i] + deep[i] * scaleMs
    return costs
  }
}
