/**
 * Hybrid learning (HL paper, Figure 2) with a System Model that has the fleet's structure and a planner that needs no network:
 * the exact best decision of what the model believes. Real experience teaches the model alone.
 *
 * It explores by optimism: what is uncertain is planned with as if it were faster. Now and then it plans with a draw of what may
 * be instead, because optimism alone can settle for good on a decision that is not best.
 */
import { ConfigError } from '../../errors.ts'
import { Random } from '../../random.ts'
import type { Answer, Decision, Problem, State, Transition } from '../environment/environment.ts'
import { plan } from '../planner/plan.ts'
import type { Plan, PlanningProblem, Prices } from '../planner/problem.ts'
import { responseTimesOf } from '../planner/response-times.ts'
import { movedModel } from '../system-model/structured/moved-model.ts'
import { planningInput, type View } from '../system-model/structured/planning-input.ts'
import { type SavedModel, StructuredModel } from '../system-model/structured/structured-model.ts'
import type { Agent, Explanation, LearningProgress } from './agent.ts'
import { checkpoint, knowledgeOf } from './checkpoint.ts'
import type { FactoredHyperparameters } from './hyperparameters.ts'

/** Rounds from one look at the standing decision to the next: every look takes a plan. */
const STANDING_ROUNDS = 4

export interface FactoredOptions {
  readonly seed: number
  readonly hyperparameters: FactoredHyperparameters
}

interface Knowledge {
  readonly realSteps: number
  readonly hasLearned: boolean
  readonly standing: Decision | undefined
  readonly random: number
  readonly view: View
  readonly prices: Prices | undefined
  readonly model: SavedModel
}

export class FactoredAgent implements Agent {
  readonly name = 'factored'
  private problem: Problem
  private readonly hyperparameters: FactoredHyperparameters
  private readonly random: Random
  private model: StructuredModel
  private realSteps = 0
  /** Since the last decision. */
  private hasLearned = false
  /** The greedy decision of late: what is hardly better does not replace it. */
  private standing: Decision | undefined
  /** How the next decision will look at the model. */
  private view: View
  /** Of the last plan: the next problem differs little. */
  private prices: Prices | undefined

  constructor(problem: Problem, { seed, hyperparameters }: FactoredOptions) {
    this.problem = problem
    this.hyperparameters = hyperparameters
    this.random = new Random(seed)
    this.model = new StructuredModel(problem, hyperparameters)
    this.view = this.nextView()
  }

  /** Its planning is a search, not an update. */
  get progress(): LearningProgress {
    return { realSteps: this.realSteps, plannedSteps: 0, updates: 0 }
  }

  decide(state: State): Decision {
    if (this.hasLearned && this.realSteps % STANDING_ROUNDS === 0) {
      this.standing = this.explain(state).decision
    }
    this.hasLearned = false
    const { plan } = this.plan(state, this.view)
    this.prices = plan.prices
    return plan.decision
  }

  greedy(state: State): Decision {
    return this.explain(state).decision
  }

  explain(state: State): Explanation {
    const { problem, plan } = this.plan(state, { kind: 'expected' })
    const { standing } = this
    if (!standing || !meetsGoal(standing, problem)) return plan
    const responseTimeMs = mean(responseTimesOf(problem, standing))
    // Not a number or infinite where the standing decision is none now.
    const isAsGood = responseTimeMs <= plan.responseTimeMs * (1 + this.hyperparameters.persistence)
    if (!isAsGood) return plan
    const { lowerBoundMs } = plan
    return {
      decision: standing,
      responseTimeMs,
      lowerBoundMs,
      gap: (responseTimeMs - lowerBoundMs) / responseTimeMs,
    }
  }

  observe(transition: Transition): void {
    this.countStep()
    this.model.observe(transition)
  }

  hear(answer: Answer): void {
    this.countStep()
    this.model.hear(answer)
  }

  moveTo(problem: Problem): void {
    this.model = movedModel(this.model, problem)
    this.problem = problem
    this.standing = undefined
  }

  save(): unknown {
    const { realSteps, hasLearned, standing, view, prices, model, random } = this
    const rest = { model: model.save(), random: random.save() }
    const knowledge = { realSteps, hasLearned, standing, view, prices, ...rest }
    return checkpoint(this.name, this.problem, knowledge satisfies Knowledge)
  }

  restore(saved: unknown): void {
    const knowledge = knowledgeOf<Knowledge>(saved, this.name, this.problem)
    this.realSteps = knowledge.realSteps
    this.hasLearned = knowledge.hasLearned
    this.standing = knowledge.standing
    this.view = knowledge.view
    this.prices = knowledge.prices
    this.random.restore(knowledge.random)
    this.model.restore(knowledge.model)
  }

  /** One real step is what was learned from one decision, be it a round or single answers. */
  private countStep(): void {
    if (this.hasLearned) return
    this.hasLearned = true
    this.realSteps += 1
    this.model.knowledge.round += 1
    this.view = this.nextView()
  }

  private nextView(): View {
    const { optimism, drawShare } = this.hyperparameters
    if (this.random.uniform() < drawShare) {
      return { kind: 'drawn', seed: this.random.integer(2 ** 32) }
    }
    const deviations = optimism.least + (optimism.most - optimism.least) * this.random.uniform()
    return { kind: 'optimistic', deviations }
  }

  /** @throws ConfigError if no decision meets the goal */
  private plan(state: State, view: View): { problem: PlanningProblem; plan: Plan } {
    const solved = (isCapped: boolean) => {
      const problem = planningInput(this.model, state, view, isCapped)
      const { prices } = this
      return { problem, plan: plan(problem, prices && { prices }) }
    }
    try {
      return solved(true)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      return solved(false)
    }
  }
}

function meetsGoal(
  decision: Decision,
  { devices, choices, goalPercent }: PlanningProblem,
): boolean {
  const tenths = decision.reduce(
    (sum, choice) => sum + Math.floor((choices[choice]?.accuracyPercent ?? 0) * 10 + 1e-6),
    0,
  )
  return tenths >= Math.ceil(goalPercent * 10 * devices - 1e-6)
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
