/**
 * Linear Thompson sampling (Agrawal and Goyal, ICML 2013) with the exact argmin over all allowed joint decisions: the wide part of
 * hybrid's System Model with the same prior, and nothing else of it. What hybrid does better is not owed to that part.
 */
import { Random } from '../../../random.ts'
import { type Constraint, drawn, type LearnedConstraintState } from '../../constraint/constraint.ts'
import { createConstraint } from '../../constraint/create.ts'
import type { Decision, Problem, State, Transition } from '../../environment/environment.ts'
import { decisionOf, jointDecisionCount } from '../../environment/feasible.ts'
import { argmin } from '../../environment/ranking.ts'
import { WideModel, type WideState } from '../../model/wide.ts'
import type { Agent, LearningProgress } from '../agent.ts'
import { checkpoint, knowledgeOf } from '../checkpoint.ts'
import type { BanditHyperparameters } from '../hyperparameters.ts'
import type { Regime } from '../regime.ts'

export interface BanditOptions {
  readonly seed: number
  readonly regime: Regime
  readonly feedback?: 'average' | 'per-device'
  readonly hyperparameters: BanditHyperparameters
}

interface Knowledge {
  readonly realSteps: number
  readonly draw: number
  readonly drawSeed: number
  readonly random: number
  readonly model: WideState
  readonly constraint: LearnedConstraintState | undefined
}

export class BanditAgent implements Agent {
  readonly name = 'bandit'
  private readonly problem: Problem
  private readonly hyperparameters: BanditHyperparameters
  private readonly constraint: Constraint
  private readonly random: Random
  private readonly model: WideModel
  private readonly feedback: string
  private realSteps = 0
  /** The next decision's randomness, drawn before it is asked for. */
  private drawSeed = 0
  private draw = 0

  constructor(
    problem: Problem,
    { seed, regime, feedback = 'average', hyperparameters }: BanditOptions,
  ) {
    jointDecisionCount(problem)
    this.problem = problem
    this.feedback = feedback
    this.hyperparameters = hyperparameters
    this.random = new Random(seed)
    this.constraint = createConstraint(
      problem,
      regime,
      hyperparameters.constraint,
      this.random.fork('constraint'),
    )
    this.model = new WideModel(problem, hyperparameters.wide)
    this.prepare()
  }

  get progress(): LearningProgress {
    return { realSteps: this.realSteps, plannedSteps: 0, updates: 0 }
  }

  decide(state: State): Decision {
    if (this.model.isEmpty || this.constraint.isCold(state)) {
      return decisionOf(drawn(this.constraint.explorable(state), this.draw), this.problem)
    }
    const { exploration } = this.hyperparameters
    const allowed = this.constraint.allowed(state)
    const view = this.model.in(state.features)
    return decisionOf(view.drawBest(new Random(this.drawSeed), exploration, allowed), this.problem)
  }

  /** The best decision for the expected weights; any before there are some. */
  greedy(state: State): Decision {
    const allowed = this.constraint.allowed(state)
    const action = this.model.isEmpty
      ? drawn(allowed, this.draw)
      : argmin(this.model.in(state.features).means(), allowed)
    return decisionOf(action, this.problem)
  }

  observe(transition: Transition): void {
    if (this.constraint.observe(transition)) {
      const { state, decision, outcome } = transition
      const seen = this.feedback === 'average' ? outcome.cost : outcome.responseTimesMs
      this.model.observe(state.features, decision, seen)
    }
    this.realSteps += 1
    this.prepare()
  }

  save(): unknown {
    const { realSteps, draw, drawSeed } = this
    return checkpoint(this.name, this.problem, {
      realSteps,
      draw,
      drawSeed,
      random: this.random.save(),
      model: this.model.save(),
      constraint: this.constraint.save(),
    } satisfies Knowledge)
  }

  restore(saved: unknown): void {
    const knowledge = knowledgeOf<Knowledge>(saved, this.name, this.problem)
    this.realSteps = knowledge.realSteps
    this.draw = knowledge.draw
    this.drawSeed = knowledge.drawSeed
    this.random.restore(knowledge.random)
    this.model.restore(knowledge.model)
    this.constraint.restore(knowledge.constraint)
  }

  private prepare(): void {
    this.drawSeed = this.random.integer(2 ** 32)
    this.draw = this.random.uniform()
  }
}
