/**
 * AdaDeep-style deep Q-learning (Liu et al., MobiSys 2018, as the HL paper uses it): direct reinforcement learning without the
 * System Model. It has hybrid's network, optimiser, replay and feasibility mask; its ε and its number of updates are its own.
 * Values are Q · (1 − γ), discounted averages of cost: the same argmin, and one scale for every γ.
 */
import { Random } from '../../../random.ts'
import { type Constraint, drawn, type LearnedConstraintState } from '../../constraint/constraint.ts'
import { createConstraint } from '../../constraint/create.ts'
import type { Decision, Problem, State, Transition } from '../../environment/environment.ts'
import { decisionOf } from '../../environment/feasible.ts'
import { argmin } from '../../environment/ranking.ts'
import type { Engine } from '../../nn/engine.ts'
import type { NetworkState } from '../../nn/wide-and-deep.ts'
import { Target } from '../../policy/target.ts'
import type { Experience } from '../../replay/experience.ts'
import type { Agent, LearningProgress } from '../agent.ts'
import { checkpoint, knowledgeOf } from '../checkpoint.ts'
import type { DqnHyperparameters } from '../hyperparameters.ts'
import { type Regime, sameState } from '../regime.ts'
import { ValueLearner, type ValueLearnerState } from './value-learner.ts'

export interface DqnOptions {
  readonly seed: number
  readonly engine: Engine
  readonly regime: Regime
  readonly hyperparameters: DqnHyperparameters
}

/** A greedy decision that stays in force in its state until the next refresh, or until the goal is seen broken. */
interface InForce {
  readonly state: State
  readonly action: number
}

export interface DqnKnowledge {
  readonly realSteps: number
  readonly explore: boolean
  readonly draw: number
  readonly inForce: InForce | undefined
  readonly random: number
  readonly learner: ValueLearnerState
  readonly target: NetworkState | undefined
  readonly constraint: LearnedConstraintState | undefined
}

export class DqnAgent implements Agent {
  readonly name = 'dqn'
  private readonly problem: Problem
  private readonly hyperparameters: DqnHyperparameters
  private readonly constraint: Constraint
  private readonly random: Random
  private readonly learner: ValueLearner
  /** Q'; with γ = 0 it would be multiplied by 0 and is not kept. */
  private readonly target: Target | undefined
  private realSteps = 0
  /** The next decision's randomness, drawn before it is asked for. */
  private explore = true
  private draw = 0
  private inForce: InForce | undefined

  constructor(problem: Problem, { seed, engine, regime, hyperparameters }: DqnOptions) {
    const { network, discount, constraint } = hyperparameters
    this.problem = problem
    this.hyperparameters = hyperparameters
    this.random = new Random(seed)
    this.constraint = createConstraint(problem, regime, constraint, this.random.fork('constraint'))
    this.learner = new ValueLearner(problem, engine, network, this.random.fork('policy'))
    if (discount > 0) {
      const random = this.random.fork('policy')
      this.target = new Target(problem, engine, network, discount, this.constraint, random)
    }
    this.draw = this.random.uniform()
  }

  get progress(): LearningProgress {
    return { realSteps: this.realSteps, plannedSteps: 0, updates: this.learner.updateCount }
  }

  decide(state: State): Decision {
    if (!this.explore && !this.constraint.isCold(state)) return this.greedy(state)
    return decisionOf(drawn(this.constraint.explorable(state), this.draw), this.problem)
  }

  greedy(state: State): Decision {
    const action =
      this.inForce && sameState(this.inForce.state, state)
        ? this.inForce.action
        : this.bestNow(state)
    return decisionOf(action, this.problem)
  }

  observe(transition: Transition): void {
    const { warmUpSteps, updatesPerStep, greedyRefreshSteps } = this.hyperparameters
    const { state } = transition.outcome
    const meetsGoal = this.constraint.observe(transition)
    if (meetsGoal) this.learner.add(transition)
    this.realSteps += 1
    if (this.realSteps >= warmUpSteps && this.learner.calibrate()) {
      this.refreshTarget()
      this.learner.train(updatesPerStep, this.random, this.toLearn(state))
      if (!meetsGoal || this.realSteps % greedyRefreshSteps === 0) {
        this.inForce = { state: structuredClone(state), action: this.bestNow(state) }
      }
    }
    this.explore = this.random.uniform() < this.epsilon()
    this.draw = this.random.uniform()
  }

  save(): unknown {
    const { realSteps, explore, draw, inForce } = this
    return checkpoint(this.name, this.problem, {
      realSteps,
      explore,
      draw,
      inForce,
      random: this.random.save(),
      learner: this.learner.save(),
      target: this.target?.save(),
      constraint: this.constraint.save(),
    } satisfies DqnKnowledge)
  }

  restore(saved: unknown): void {
    const knowledge = knowledgeOf<DqnKnowledge>(saved, this.name, this.problem)
    this.realSteps = knowledge.realSteps
    this.explore = knowledge.explore
    this.draw = knowledge.draw
    this.inForce = knowledge.inForce
    this.random.restore(knowledge.random)
    this.learner.restore(knowledge.learner)
    if (knowledge.target) this.target?.restore(knowledge.target)
    this.constraint.restore(knowledge.constraint)
  }

  /** ε now; 1 while nothing is learned. */
  private epsilon(): number {
    if (this.learner.msPerUnit === 0) return 1
    const { warmUpSteps, epsilon } = this.hyperparameters
    const { first, last, steps } = epsilon
    const learned = Math.max(0, this.realSteps - warmUpSteps)
    return Math.max(last, first * (last / first) ** (learned / steps))
  }

  private bestNow(state: State): number {
    return argmin(this.learner.costs(state.features), this.constraint.allowed(state))
  }

  /** Q' ← Q. */
  private refreshTarget(): void {
    if (this.realSteps % this.hyperparameters.targetRefreshSteps !== 0) return
    this.target?.restore(this.learner.network())
  }

  /** What an experience is to be learned as: its cost, or what Q' makes of it. */
  private toLearn(now: State): ((experience: Experience) => number) | undefined {
    const { target } = this
    return target && ((experience) => target.costMs(experience, now, this.learner.msPerUnit))
  }
}
