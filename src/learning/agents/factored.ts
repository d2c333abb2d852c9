/**
 * Hybrid learning (HL paper, Figure 2) with a System Model that has the fleet's structure and a planner that needs no network:
 * the exact best decision of what the model believes. Real experience teaches the model alone.
 *
 * It explores by optimism: what is uncertain is planned with as if it were faster. Now and then it plans with a draw of what may
 * be instead, because optimism alone can settle for good on a decision that is not best.
 */

import { ConfigError } from '../../errors.ts'
import type { Choice } from '../../fleet/choice.ts'
import { accuraciesOf, meetsGoal } from '../../fleet/goal.ts'
import { Random } from '../../random.ts'
import { type Count, MeasuredAccuracies } from '../constraint/measured-accuracies.ts'
import { reachablePercent } from '../environment/availability.ts'
import type { Answer, Decision, Problem, State, Transition } from '../environment/environment.ts'
import type { SavedModel } from '../model/structured/knowledge.ts'
import { hearAnswer, observeRound, refresh } from '../model/structured/learning.ts'
import { movedModel } from '../model/structured/moved-model.ts'
import { planningInput, type View } from '../model/structured/planning-input.ts'
import { StructuredModel } from '../model/structured/structured-model.ts'
import { plan } from '../planner/plan.ts'
import type { Plan, PlanningProblem, Prices } from '../planner/problem.ts'
import { responseTimesOf } from '../planner/response-times.ts'
import type { Agent, Drift, Explanation, LearningProgress, Prediction } from './agent.ts'
import { checkpoint, knowledgeOf } from './checkpoint.ts'
import { ExplorationBudget } from './exploration-budget.ts'
import type { FactoredHyperparameters } from './hyperparameters.ts'
import { type Probe, Probing, pinned, type SavedProbing } from './probing.ts'

/** Rounds from one look at the standing decision to the next: every look takes a plan. */
const STANDING_ROUNDS = 4

/** What the agent is made with. */
export interface FactoredOptions {
  readonly seed: number
  readonly hyperparameters: FactoredHyperparameters
}

interface Solution {
  readonly problem: PlanningProblem
  readonly plan: Plan
}

/** What was probed in a round, which is the same however often it is asked. */
interface ProbedRound {
  readonly round: number
  readonly probe: Probe | undefined
}

interface Knowledge {
  readonly savedMs: number
  readonly counts: ReadonlyMap<string, Count> | undefined
  readonly realSteps: number
  readonly hasLearned: boolean
  readonly standing: Decision | undefined
  readonly random: number
  readonly view: View
  readonly prices: Prices | undefined
  readonly askedPrices: Prices | undefined
  readonly probed: ProbedRound | undefined
  readonly probing: SavedProbing
  readonly model: SavedModel
}

/** The agent `factored`; see the head of this file. */
export class FactoredAgent implements Agent {
  readonly name = 'factored'
  private problem: Problem
  private readonly hyperparameters: FactoredHyperparameters
  private readonly random: Random
  private readonly budget: ExplorationBudget
  /** undefined: they are known. */
  private readonly accuracies: MeasuredAccuracies | undefined
  private model: StructuredModel
  private realSteps = 0
  /** Since the last decision. */
  private hasLearned = false
  /** The greedy decision of late: what is hardly better does not replace it. */
  private standing: Decision | undefined
  private probing: Probing
  /** Of the decision last asked for. */
  private probed: ProbedRound | undefined
  /** How the next decision will look at the model. */
  private view: View
  /** Of the decision last taken: the next problem differs little. */
  private prices: Prices | undefined
  /** Of the decision last asked for. */
  private askedPrices: Prices | undefined

  constructor(problem: Problem, { seed, hyperparameters }: FactoredOptions) {
    this.problem = problem
    this.hyperparameters = hyperparameters
    this.random = new Random(seed)
    this.model = new StructuredModel(problem, hyperparameters)
    const { explorationBudget, accuracies } = hyperparameters
    const { confidence, measuredOn } = accuracies
    this.budget = new ExplorationBudget(explorationBudget)
    this.accuracies =
      confidence > 0 ? new MeasuredAccuracies(problem.choices, confidence, measuredOn) : undefined
    this.probing = new Probing(this.model.resources)
    this.view = this.nextView()
  }

  /** Its planning is a search, not an update. */
  get progress(): LearningProgress {
    return { realSteps: this.realSteps, plannedSteps: 0, updates: 0 }
  }

  /** How many devices and shared nodes it has found to be slower than they were. */
  get slowed(): number {
    return this.model.slowed
  }

  decide(state: State): Decision {
    if (this.hasLearned && this.realSteps % STANDING_ROUNDS === 0) {
      this.standing = this.explain(state).decision
    }
    this.hasLearned = false
    const probe = this.probe(state)
    // A round that looks at one thing explores nothing else: its cost is then what it was weighed at.
    const { plan } = this.plan(state, probe ? { kind: 'expected' } : this.view, probe)
    this.askedPrices = plan.prices
    return this.budget.isBounded ? this.affordable(state, plan.decision) : plan.decision
  }

  greedy(state: State): Decision {
    return this.explain(state).decision
  }

  explain(state: State): Explanation {
    return this.standingOr(state, this.plan(state, { kind: 'expected' }))
  }

  believe(state: State, decisions: readonly Decision[]): Prediction[] {
    const expected = planningInput(this.model, state, { kind: 'expected' }, false)
    const faster = planningInput(this.model, state, { kind: 'optimistic', deviations: 1 }, false)
    return decisions.map((decision) => {
      const responseTimesMs = responseTimesOf(expected, decision)
      const fast = responseTimesOf(faster, decision)
      return { responseTimesMs, spreadsMs: responseTimesMs.map((ms, device) => ms - fast[device]) }
    })
  }

  drift(): Drift[] {
    const { found, layout } = this.model
    return found.splice(0).map(({ resource, became }) => ({ ...layout.nodeAt(resource), became }))
  }

  observe(transition: Transition): void {
    this.countStep()
    observeRound(this.model, transition)
    const { decision, outcome } = transition
    for (const [device, isRight] of (outcome.correct ?? []).entries()) {
      this.measure(decision[device], isRight)
    }
  }

  hear(answer: Answer): void {
    this.countStep()
    hearAnswer(this.model, answer)
    this.measure(answer.decision[answer.device], answer.correct)
  }

  boundExploring(share: number): void {
    this.budget.share = share
  }

  moveTo(problem: Problem): void {
    this.model = movedModel(this.model, problem)
    this.problem = problem
    this.standing = undefined
    this.probing = new Probing(this.model.resources)
    this.probed = undefined
  }

  save(): unknown {
    refresh(this.model)
    const { realSteps, hasLearned, standing, view, model, random } = this
    const rest = {
      prices: this.prices,
      askedPrices: this.askedPrices,
      probed: this.probed,
      savedMs: this.budget.savedMs,
      counts: this.accuracies?.counts,
      probing: this.probing.save(),
      model: model.save(),
      random: random.save(),
    }
    const knowledge = { realSteps, hasLearned, standing, view, ...rest }
    return checkpoint(this.name, this.problem, knowledge satisfies Knowledge)
  }

  restore(saved: unknown): void {
    const knowledge = knowledgeOf<Knowledge>(saved, this.name, this.problem)
    this.realSteps = knowledge.realSteps
    this.hasLearned = knowledge.hasLearned
    this.standing = knowledge.standing
    this.view = knowledge.view
    this.prices = knowledge.prices
    this.askedPrices = knowledge.askedPrices
    this.budget.savedMs = knowledge.savedMs
    if (this.accuracies && knowledge.counts) this.accuracies.counts = new Map(knowledge.counts)
    this.random.restore(knowledge.random)
    this.probing.restore(knowledge.probing)
    this.probed = knowledge.probed
    this.model.restore(knowledge.model)
  }

  /** The greedy decision: the plan, or the standing decision where it is hardly worse, or not surely. */
  private standingOr(state: State, { problem, plan }: Solution): Explanation {
    const { standing } = this
    if (!standing || !meetsGoal(accuraciesOf(standing, problem.choices), problem.goalPercent)) {
      return plan
    }
    const responseTimeMs = mean(responseTimesOf(problem, standing))
    // Not a number or infinite where the standing decision is none now.
    const isAsGood = responseTimeMs <= plan.responseTimeMs * (1 + this.hyperparameters.persistence)
    if (!isAsGood && this.isSurer(state, plan.decision, standing)) return plan
    const { lowerBoundMs } = plan
    return {
      decision: standing,
      responseTimeMs,
      lowerBoundMs,
      gap: (responseTimeMs - lowerBoundMs) / responseTimeMs,
    }
  }

  private solve(problem: PlanningProblem): Plan {
    const { prices } = this
    return plan(problem, prices && { prices })
  }

  /** Where one request goes to find out whether an idle resource has changed. The same until something is learned. */
  private probe(state: State): Probe | undefined {
    if (!this.hyperparameters.forget) return undefined
    if (this.probed?.round === this.realSteps) return this.probed.probe
    this.probing.hear(this.model, state)
    const expected = this.promised(planningInput(this.model, state, { kind: 'expected' }, true))
    const probe = this.probing.choose(this.model, state, expected, (problem) => this.solve(problem))
    this.probed = { round: this.realSteps, probe }
    return probe
  }

  /** Whether a decision is better than another, too, where what is uncertain is as much slower than believed as it may well be. */
  private isSurer(state: State, decision: Decision, other: Decision): boolean {
    const view = { kind: 'optimistic', deviations: -this.hyperparameters.caution } as const
    const problem = planningInput(this.model, state, view, false)
    const [one, two] = [decision, other].map((each) => mean(responseTimesOf(problem, each)))
    return !(one > two)
  }

  /** One real step is what was learned from one decision, be it a round or single answers. */
  private countStep(): void {
    if (this.hasLearned) return
    this.hasLearned = true
    this.prices = this.askedPrices
    this.realSteps += 1
    this.model.knowledge.round += 1
    this.view = this.nextView()
  }

  private measure(choice: number | undefined, isRight: boolean | undefined): void {
    const taken = this.problem.choices[choice ?? -1]
    if (taken && isRight !== undefined) this.accuracies?.record(taken, isRight)
  }

  /** The decision, one that explores less, or the greedy one: what the budget has room for. */
  private affordable(state: State, explored: Decision): Decision {
    const expected = this.plan(state, { kind: 'expected' })
    const greedy = this.standingOr(state, expected)
    this.budget.earn(greedy.responseTimeMs)
    const extraMs = (decision: Decision) =>
      mean(responseTimesOf(expected.problem, decision)) - greedy.responseTimeMs
    if (this.budget.spend(extraMs(explored))) return explored
    const deviations = this.hyperparameters.optimism.least / 2
    const tamer = this.plan(state, { kind: 'optimistic', deviations }).plan.decision
    return this.budget.spend(extraMs(tamer)) ? tamer : greedy.decision
  }

  /** The problem with accuracies that are surely reached. */
  private promised(problem: PlanningProblem): PlanningProblem {
    if (!this.accuracies) return problem
    const choices = this.accuracies.bounded(problem.choices)
    return { ...problem, choices, goalPercent: highestGoal(problem, choices) }
  }

  private nextView(): View {
    const { optimism, drawShare } = this.hyperparameters
    if (this.random.uniform() < drawShare) {
      return { kind: 'drawn', seed: this.random.integer(2 ** 32) }
    }
    const deviations = optimism.least + (optimism.most - optimism.least) * this.random.uniform()
    return { kind: 'optimistic', deviations }
  }

  /**
   * Where measured accuracies cannot promise the goal yet, what promises most.
   * @throws ConfigError if no decision meets the goal
   */
  private plan(state: State, view: View, probe?: Probe): Solution {
    const solved = (isCapped: boolean) => {
      const believed = this.promised(planningInput(this.model, state, view, isCapped))
      const problem = probe ? pinned(believed, probe) : believed
      return { problem, plan: this.solve(problem) }
    }
    try {
      return solved(true)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      return solved(false)
    }
  }
}

/** The goal, or as much of it as open choices surely meet. */
function highestGoal(problem: PlanningProblem, choices: readonly Choice[]): number {
  const { devices, ownTimesMs, goalPercent } = problem
  const open = Array.from({ length: devices }, (_, device) =>
    choices.map((_, choice) => Number.isFinite(ownTimesMs[device * choices.length + choice])),
  )
  return Math.min(goalPercent, reachablePercent(choices, open))
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
