/**
 * Supervised cost model + constrained argmin: explore a number of random rounds, fit the cost of a decision, then take the best
 * allowed decision by the fit, which is fitted again as its decisions are measured. No exploration after the first rounds.
 */
import { Random } from '../../../random.ts'
import { type Constraint, drawn, type LearnedConstraintState } from '../../constraint/constraint.ts'
import { createConstraint } from '../../constraint/create.ts'
import type { Decision, Problem, State, Transition } from '../../environment/environment.ts'
import { decisionOf } from '../../environment/feasible.ts'
import { argmin } from '../../environment/ranking.ts'
import type { Engine } from '../../nn/engine.ts'
import type { Agent, LearningProgress } from '../agent.ts'
import { checkpoint, knowledgeOf } from '../checkpoint.ts'
import type { SupervisedHyperparameters } from '../hyperparameters.ts'
import type { Regime } from '../regime.ts'
import { ValueLearner, type ValueLearnerState } from './value-learner.ts'

export interface SupervisedOptions {
  readonly seed: number
  readonly engine: Engine
  readonly regime: Regime
  readonly hyperparameters: SupervisedHyperparameters
}

interface Knowledge {
  readonly realSteps: number
  readonly draw: number
  readonly random: number
  readonly learner: ValueLearnerState
  readonly constraint: LearnedConstraintState | undefined
}

export class SupervisedAgent implements Agent {
  readonly name = 'supervised'
  private readonly problem: Problem
  private readonly hyperparameters: SupervisedHyperparameters
  private readonly constraint: Constraint
  private readonly random: Random
  private readonly learner: ValueLearner
  private realSteps = 0
  /** The next random decision, drawn before it is asked for. */
  private draw: number

  constructor(problem: Problem, { seed, engine, regime, hyperparameters }: SupervisedOptions) {
    this.problem = problem
    this.hyperparameters = hyperparameters
    this.random = new Random(seed)
    const { network, constraint } = hyperparameters
    this.constraint = createConstraint(problem, regime, constraint, this.random.fork('constraint'))
    this.learner = new ValueLearner(problem, engine, network, this.random.fork('policy'))
    this.draw = this.random.uniform()
  }

  get progress(): LearningProgress {
    return { realSteps: this.realSteps, plannedSteps: 0, updates: this.learner.updateCount }
  }

  decide(state: State): Decision {
    const explores = this.realSteps < this.hyperparameters.exploreSteps
    if (!explores && !this.constraint.isCold(state)) return this.greedy(state)
    return decisionOf(drawn(this.constraint.explorable(state), this.draw), this.problem)
  }

  greedy(state: State): Decision {
    const costs = this.learner.costs(state.features)
    return decisionOf(argmin(costs, this.constraint.allowed(state)), this.problem)
  }

  observe(transition: Transition): void {
    const { exploreSteps, firstUpdates, refitSteps, refitUpdates } = this.hyperparameters
    if (this.constraint.observe(transition)) this.learner.add(transition)
    this.realSteps += 1
    this.draw = this.random.uniform()
    const exploited = this.realSteps - exploreSteps
    if (exploited < 0 || exploited % refitSteps !== 0 || !this.learner.calibrate()) return
    const isFirst = this.learner.updateCount === 0
    this.learner.train(isFirst ? firstUpdates : refitUpdates, this.random)
  }

  save(): unknown {
    const { realSteps, draw } = this
    return checkpoint(this.name, this.problem, {
      realSteps,
      draw,
      random: this.random.save(),
      learner: this.learner.save(),
      constraint: this.constraint.save(),
    } satisfies Knowledge)
  }

  restore(saved: unknown): void {
    const knowledge = knowledgeOf<Knowledge>(saved, this.name, this.problem)
    this.realSteps = knowledge.realSteps
    this.draw = knowledge.draw
    this.random.restore(knowledge.random)
    this.learner.restore(knowledge.learner)
    this.constraint.restore(knowledge.constraint)
  }
}
