/**
 * A contextual bandit: linear Thompson sampling (Agrawal and Goyal, ICML 2013) with the exact argmin over all allowed joint decisions.
 * The cost is linear in who takes which choice and in how many devices share the edges and the cloud, with weights that are
 * linear in the state. Unlike the networks it is told this structure of the problem; it is the baseline for what that is worth.
 */

import type { Tier } from '../../../fleet/placement.ts'
import { Random } from '../../../random.ts'
import { type Constraint, drawn, type LearnedConstraintState } from '../../constraint/constraint.ts'
import { createConstraint } from '../../constraint/create.ts'
import { sumPerDecision } from '../../environment/decision-sums.ts'
import type { Decision, Problem, State, Transition } from '../../environment/environment.ts'
import { decisionOf, jointDecisionCount } from '../../environment/feasible.ts'
import { argmin } from '../../environment/ranking.ts'
import { cholesky } from '../../linear-algebra.ts'
import type { Agent, LearningProgress } from '../agent.ts'
import { checkpoint, knowledgeOf } from '../checkpoint.ts'
import type { BanditHyperparameters } from '../hyperparameters.ts'
import type { Regime } from '../regime.ts'
import { LinearPosterior, type LinearPosteriorState } from './linear-posterior.ts'

export interface BanditOptions {
  readonly seed: number
  readonly regime: Regime
  readonly hyperparameters: BanditHyperparameters
}

interface Knowledge {
  readonly realSteps: number
  readonly scaleMs: number
  readonly normals: Float64Array
  readonly draw: number
  readonly random: number
  readonly posterior: LinearPosteriorState
  readonly constraint: LearnedConstraintState | undefined
}

/** Tiers whose nodes several devices share. */
const SHARED_TIERS: readonly Tier[] = ['edge', 'cloud']

/** Prior means, random so that equal decisions have no order of their own; too small to matter otherwise. */
const TIE_BREAK = 1e-6

export class BanditAgent implements Agent {
  readonly name = 'bandit'
  private readonly problem: Problem
  private readonly hyperparameters: BanditHyperparameters
  private readonly constraint: Constraint
  private readonly random: Random
  private readonly posterior: LinearPosterior
  /** For each shared tier the number of devices on it, by joint decision. [tiers][decisions] */
  private readonly occupancy: readonly Uint8Array[]
  private realSteps = 0
  /** The first cost, ms; costs are learned relative to it. */
  private scaleMs = 0
  /** The next decision's randomness, drawn before it is asked for. [decision features] */
  private normals: Float64Array
  /** The same, for a random decision. */
  private draw = 0

  constructor(problem: Problem, { seed, regime, hyperparameters }: BanditOptions) {
    this.problem = problem
    this.hyperparameters = hyperparameters
    this.random = new Random(seed)
    this.constraint = createConstraint(
      problem,
      regime,
      hyperparameters.constraint,
      this.random.fork('constraint'),
    )
    this.occupancy = SHARED_TIERS.map((tier) => occupancyOf(tier, problem))
    const { devices, choices, stateSize } = problem
    const size = devices * choices.length + SHARED_TIERS.length * (devices + 1)
    const prior = Float64Array.from(
      { length: size * (1 + stateSize) },
      () => TIE_BREAK * this.random.normal(),
    )
    this.posterior = new LinearPosterior(prior, hyperparameters.priorDeviation)
    this.normals = new Float64Array(size)
    this.prepare()
  }

  /** Updates of the posterior are not gradient updates. */
  get progress(): LearningProgress {
    return { realSteps: this.realSteps, plannedSteps: 0, updates: 0 }
  }

  /** The best decision for weights drawn from the posterior. */
  decide(state: State): Decision {
    if (this.constraint.isCold(state)) {
      return decisionOf(drawn(this.constraint.explorable(state), this.draw), this.problem)
    }
    const { mean, covariance } = this.posterior.project(contextOf(state))
    const lower = cholesky(covariance)
    const size = mean.length
    const weights = mean.map((value, i) => {
      let deviation = 0
      for (let j = 0; j <= i; j++) {
        deviation += lower[i * size + j] * this.normals[j]
      }
      return value + this.hyperparameters.exploration * deviation
    })
    return this.best(weights, state)
  }

  /** The best decision for the expected weights. */
  greedy(state: State): Decision {
    return this.best(this.posterior.project(contextOf(state)).mean, state)
  }

  observe(transition: Transition): void {
    if (this.constraint.observe(transition)) this.learn(transition)
    this.realSteps += 1
    this.prepare()
  }

  save(): unknown {
    const { realSteps, scaleMs, normals, draw } = this
    return checkpoint(this.name, this.problem, {
      realSteps,
      scaleMs,
      normals,
      draw,
      random: this.random.save(),
      posterior: this.posterior.save(),
      constraint: this.constraint.save(),
    } satisfies Knowledge)
  }

  restore(saved: unknown): void {
    const knowledge = knowledgeOf<Knowledge>(saved, this.name, this.problem)
    this.realSteps = knowledge.realSteps
    this.scaleMs = knowledge.scaleMs
    this.normals = knowledge.normals
    this.draw = knowledge.draw
    this.random.restore(knowledge.random)
    this.posterior.restore(knowledge.posterior)
    this.constraint.restore(knowledge.constraint)
  }

  private learn({ state, decision, outcome }: Transition): void {
    if (this.scaleMs === 0) this.scaleMs = outcome.cost > 0 ? outcome.cost : 1
    const context = contextOf(state)
    const indices: number[] = []
    const values: number[] = []
    for (const feature of this.featuresOf(decision)) {
      for (const [k, x] of context.entries()) {
        if (x === 0) continue
        indices.push(feature * context.length + k)
        values.push(x)
      }
    }
    const relativeCost = outcome.cost / this.scaleMs - 1
    const { noiseDeviation } = this.hyperparameters
    this.posterior.observe({ indices, values }, relativeCost, noiseDeviation)
  }

  private prepare(): void {
    for (let i = 0; i < this.normals.length; i++) this.normals[i] = this.random.normal()
    this.draw = this.random.uniform()
  }

  /** Indices of the decision's features, each 1: a choice per device, then the occupancy of every shared tier. */
  private featuresOf(decision: Decision): number[] {
    const { devices, choices } = this.problem
    const taken = decision.map((choice, device) => device * choices.length + choice)
    const shared = SHARED_TIERS.map((tier, index) => {
      const users = decision.filter((choice) => choices[choice]?.placement.tier === tier).length
      return devices * choices.length + index * (devices + 1) + users
    })
    return [...taken, ...shared]
  }

  /** @param weights of the decision features */
  private best(weights: Float64Array, state: State): Decision {
    const { devices, choices } = this.problem
    const costs = sumPerDecision(this.problem, weights)
    for (const [index, users] of this.occupancy.entries()) {
      const start = devices * choices.length + index * (devices + 1)
      for (let action = 0; action < costs.length; action++) {
        costs[action] = costs[action] + weights[start + users[action]]
      }
    }
    return decisionOf(argmin(costs, this.constraint.allowed(state)), this.problem)
  }
}

/** 1 and the state's features. */
function contextOf({ features }: State): Float64Array {
  return Float64Array.of(1, ...features)
}

function occupancyOf(tier: Tier, problem: Problem): Uint8Array {
  const onTier = problem.choices.map(({ placement }) => (placement.tier === tier ? 1 : 0))
  const perDevice = Array.from({ length: problem.devices }, () => onTier).flat()
  jointDecisionCount(problem)
  return Uint8Array.from(sumPerDecision(problem, perDevice))
}
