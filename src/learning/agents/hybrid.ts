/**
 * Hybrid Learning: Algorithm 1 of the HL paper, to be read beside it. Comments give the printed line numbers.
 *
 * The listing is a generator that runs until it needs the environment: there it yields how to decide, and it goes on when
 * the transition is known. `decide` and `observe` are the two ends of that yield, so the loops below read like the paper's.
 *
 * What the listing leaves open is chosen by `Mode` (what a step of planning is) and by the regime (how the goal is met).
 */
import { Random } from '../../random.ts'
import type { Constraint } from '../constraint/constraint.ts'
import { createConstraint } from '../constraint/create.ts'
import type { Decision, Problem, State, Transition } from '../environment/environment.ts'
import { decisionOf, indexOf } from '../environment/feasible.ts'
import { argmin, lowest } from '../environment/ranking.ts'
import { SystemModel } from '../model/network.ts'
import { scaleOf } from '../nn/cost-scale.ts'
import { Policy } from '../policy/policy.ts'
import { Target } from '../policy/target.ts'
import type { Experience } from '../replay/experience.ts'
import type { KeyedBuffer } from '../replay/keyed-buffer.ts'
import type { PrioritizedBuffer } from '../replay/prioritized-buffer.ts'
import type { Agent, LearningProgress } from './agent.ts'
import { checkpoint, knowledgeOf, type PartStates, restoreParts, saveParts } from './checkpoint.ts'
import { Exploration } from './exploration.ts'
import { HybridMemory, mapped } from './hybrid-memory.ts'
import { type HybridOptions, type Mode, resolved } from './hybrid-options.ts'
import type { Hyperparameters } from './hyperparameters.ts'

/** How the next decision will be taken, once the state it is taken in is known. */
type DecisionRule = (state: State) => Decision

/** A part of Algorithm 1: gives decision rules, receives what they led to. */
type Interaction = Generator<DecisionRule, void, Transition>

export class HybridAgent implements Agent {
  readonly name = 'hybrid'
  /** What a checkpoint must agree with. */
  private readonly variant: string
  private readonly problem: Problem
  private readonly hyperparameters: Hyperparameters
  private readonly mode: Mode
  private readonly constraint: Constraint
  private readonly exploration: Exploration
  private readonly random: Random
  private readonly policy: Policy // Q
  private readonly target: Target | undefined // Q', where γ > 0
  private readonly system: SystemModel // System
  private readonly memory: HybridMemory // D_direct, D_world, D_plan
  private counters = { realSteps: 0, plannedSteps: 0, updates: 0 }
  /** Real steps that gave a cost to learn from: all but those that met the penalty and told nothing else. */
  private learnedSteps = 0
  private epoch = 0
  /** ms per unit of scaled cost; 0 until the direct session with the first cost has ended. */
  private scaleMs = 0
  /** s: where the last step led; undefined before the first. */
  private state: State | undefined
  private interaction: Interaction
  private rule: DecisionRule
  private epochStart: Snapshot
  /** What was observed since the epoch began, in order; at most one epoch long. */
  private observed: Transition[] = []

  /** @throws ConfigError when there are too many joint decisions, or the options contradict each other */
  constructor(problem: Problem, options: HybridOptions) {
    const { seed, engine, hyperparameters, mode, regime, feedback } = resolved(options)
    const { discount, constraint } = hyperparameters
    this.variant = `hybrid ${mode} ${regime} ${feedback}, discount ${discount}`
    this.problem = problem
    this.hyperparameters = hyperparameters
    this.mode = mode
    this.random = new Random(seed)
    const fork = (part: string) => this.random.fork(part)
    this.constraint = createConstraint(problem, regime, constraint, fork('constraint'))
    this.exploration = new Exploration(problem, this.constraint)
    this.policy = new Policy(problem, engine, hyperparameters, fork('policy')) // 1
    if (discount > 0) {
      const random = fork('policy')
      this.target = new Target(problem, engine, hyperparameters, discount, this.constraint, random)
    }
    this.system = new SystemModel(problem, engine, hyperparameters, fork('system')) // 2
    this.memory = new HybridMemory(problem, hyperparameters, feedback) // 3
    this.epochStart = this.snapshot()
    this.interaction = this.algorithm1()
    this.rule = this.interaction.next().value as DecisionRule
  }

  get progress(): LearningProgress {
    return { ...this.counters }
  }

  decide(state: State): Decision {
    return this.rule(state)
  }

  observe(transition: Transition): void {
    this.observed.push(transition)
    this.rule = this.interaction.next(transition).value as DecisionRule
  }

  greedy(state: State): Decision {
    const costs = this.policy.costs(state.features)
    return decisionOf(argmin(costs, this.constraint.allowed(state)), this.problem)
  }

  private *algorithm1(): Interaction {
    for (;;) {
      this.epochStart = this.snapshot()
      this.observed = []
      this.epoch += 1 // 4
      const alpha = Math.min(1, this.epoch / this.hyperparameters.epochs) // 5
      yield* this.directReinforcementLearning(alpha)
      if (this.scaleMs === 0) continue // nothing but penalties so far
      this.learnSystemModel(alpha)
      yield* this.planning(alpha)
    }
  }

  /** Lines 6 to 16. */
  private *directReinforcementLearning(alpha: number): Interaction {
    const { directSessions, directUpdates, firstSteps, directSteps } = this.hyperparameters
    const steps = this.epoch === 1 ? firstSteps : directSteps
    const costs: number[] = []
    // 7
    for (let session = 1; session <= rounded((1 - alpha / 2) * directSessions); session++) {
      // 8
      for (let step = 1; step <= steps; step++) {
        const experience = this.remember(yield this.epsilonGreedy()) // 9 to 13
        if (experience) costs.push(experience.cost)
      }
      if (this.scaleMs === 0 && costs.length > 0) {
        this.scaleMs = scaleOf(costs, this.hyperparameters)
      }
      this.updatePolicy(directUpdates, this.memory.direct) // 14 to 16
    }
  }

  /** Lines 17 to 20. */
  private learnSystemModel(alpha: number): void {
    const { worldSessions, batchSize } = this.hyperparameters
    const sessions = rounded((1 - alpha / 2) * worldSessions) // 18
    const rows = repeat(sessions, () => this.memory.world.sample(batchSize, this.random))
      .flat()
      .map((row) => this.memory.known(row)) // 19
    this.counters.updates += this.system.update(rows, this.scaleMs) // 20
  }

  /** Lines 21 to 38. */
  private *planning(alpha: number): Interaction {
    const { suggestSessions, suggestSteps, planSessions, candidates } = this.hyperparameters
    let s = this.state as State
    // 22
    for (let session = 1; session <= rounded(((alpha + 1) / 2) * suggestSessions); session++) {
      // 23
      for (let step = 1; step <= suggestSteps; step++) {
        const suggested = this.suggest(s, this.constraint.allowed(s), candidates) // 24, 26, 27
        const best = this.imagine(suggested[0], s) // 25
        yield* this.takeSuggestions(suggested, s, step === 1) // 28 to 33
        // 34: the s' of line 25; where suggestions are tried for real, the state they led to.
        s = this.mode === 'verified' ? (this.state as State) : { ...s, features: best.nextFeatures }
      }
    }
    if (this.mode === 'repaired') {
      this.memory.plan.revise((planned) => this.imagine(planned.decision, planned)) // 33, for all
    }
    const sessions = rounded(((alpha + 1) / 2) * planSessions) // 35
    this.counters.plannedSteps += this.updatePolicy(sessions, this.memory.plan) // 36 to 38
  }

  /** Line 9 and 10. What is random is drawn here, so that `decide` may be asked any number of times. */
  private epsilonGreedy(): DecisionRule {
    const explore = this.random.uniform() < this.epsilon()
    const random = this.exploration.rule(this.random)
    return (state) =>
      explore || this.constraint.isCold(state) ? random(state) : this.greedy(state)
  }

  /** ε now; 1 while Q has learned nothing. */
  private epsilon(): number {
    if (this.scaleMs === 0) return 1
    const { first, last, steps } = this.hyperparameters.epsilon
    return Math.max(
      last,
      first * (last / first) ** (this.exploration.age(this.learnedSteps) / steps),
    )
  }

  /**
   * Lines 24, 26 and 27: the joint decisions of lowest predicted cost, best first. Where they are to be tried for real, each is
   * given the benefit of what is not yet known of it; without, a choice that had one unlucky sample would never be suggested again.
   * @param among indices [decisions to choose from]
   * @returns at most `count`
   */
  private suggest(state: State, among: Uint32Array, count: number): Decision[] {
    if (among.length === 0) return []
    let costs = this.system.costs(state.features)
    if (this.mode === 'verified') {
      const { optimism } = this.hyperparameters
      const novelty = this.exploration.novelties()
      costs = costs.map((cost, action) => cost - optimism * novelty[action])
    }
    return lowest(costs, among, count).map((action) => decisionOf(action, this.problem))
  }

  /** Lines 28 to 33. */
  private *takeSuggestions(suggested: readonly Decision[], s: State, again: boolean): Interaction {
    const { plan, verified } = this.memory
    const real = this.mode === 'verified'
    const taken = real ? this.worthVerifying(suggested, s, again) : suggested
    // 28
    for (const decision of taken) {
      const planned = plan.get(this.planKey(decision, s.features)) // 29
      if (planned) {
        plan.set(this.planKey(decision, s.features), { ...planned, features: s.features }) // 32, 33
        continue
      }
      const experience = real
        ? this.remember(yield this.unlessForbidden(decision)) // 30
        : this.imagine(decision, s) // 30
      if (!experience) continue
      verified.add(experience.decision)
      const key = this.planKey(experience.decision, experience.features)
      if (!plan.has(key)) plan.set(key, experience) // 31
    }
  }

  /**
   * The best that are not in D_plan yet, then the best of those that may break the goal or not. Where the state moves, D_plan has
   * hardly anything of it; so what was verified in another state is verified again in the first suggestion step alone, one a step.
   */
  private worthVerifying(suggested: readonly Decision[], s: State, again: boolean): Decision[] {
    const { verifications } = this.hyperparameters
    const { plan, verified } = this.memory
    const unknown = suggested
      .filter((decision) => !plan.has(this.planKey(decision, s.features)))
      .filter((decision, rank) => (again && rank === 0) || !verified.has(decision))
    const best = unknown.slice(0, verifications)
    const chosen = new Set(best.map(String))
    const doubtful = this.suggest(s, this.constraint.doubtful(s), 2 * verifications)
      .filter((decision) => !chosen.has(String(decision)))
      .slice(0, verifications)
    return [...best, ...doubtful]
  }

  /** The suggestion, or the greedy decision where what has been learned or has changed since forbids it. */
  private unlessForbidden(suggestion: Decision): DecisionRule {
    const action = indexOf(suggestion, this.problem)
    return (state) =>
      this.constraint.allowed(state).includes(action) ||
      this.constraint.doubtful(state).includes(action)
        ? suggestion
        : this.greedy(state)
  }

  /** Lines 12 and 13, for one real step. @returns undefined if it told nothing but that the goal was broken */
  private remember(transition: Transition): Experience | undefined {
    const { state, decision, outcome } = transition
    const experience = this.constraint.observe(transition)
      ? this.memory.store(transition)
      : undefined
    if (this.counters.realSteps === 0) this.exploration.notice(state, 0)
    this.counters.realSteps += 1
    if (experience) {
      if (this.mode === 'verified') {
        this.memory.tryAgain(this.planKey(decision, state.features), experience) // 33
      }
      this.exploration.count(decision)
      this.learnedSteps += 1
    }
    this.exploration.notice(outcome.state, this.learnedSteps)
    this.state = outcome.state
    return experience
  }

  /** r, s' ← System(s, a). */
  imagine(decision: Decision, { features }: Pick<State, 'features'>): Experience {
    const { cost, nextFeatures } = this.system.predict(features, decision)
    return { features, decision, cost: cost * this.scaleMs, nextFeatures, predicted: true }
  }

  /**
   * A decision as a key of D_plan: by itself, as printed; but a real step is true only of the state it was taken in, so there it
   * is a decision in a state.
   */
  private planKey(decision: Decision, features: Float32Array): string {
    return this.mode === 'verified' ? `${decision} in ${features}` : `${decision}`
  }

  /**
   * Lines 14 to 16 and 36 to 38, then new priorities (HL paper, section III, phase 1).
   * @returns number of updates
   */
  private updatePolicy(updates: number, buffer: PrioritizedBuffer | KeyedBuffer): number {
    if (buffer.size === 0) return 0
    const { batchSize } = this.hyperparameters
    const samples = repeat(updates, () =>
      mapped(buffer.sample(batchSize, this.random), (row) => this.toLearn(row)),
    )
    const errors = this.policy.update(samples, this.scaleMs)
    for (const [i, { slots }] of samples.entries()) {
      buffer.reprioritize(slots, errors[i])
    }
    this.target?.copy(this.policy)
    this.counters.updates += updates
    return updates
  }

  /** An experience with what Q is to learn of it as its cost. */
  private toLearn(row: Experience): Experience {
    const known = this.memory.known(row)
    if (!this.target) return known
    return { ...known, cost: this.target.costMs(known, this.state as State, this.scaleMs) }
  }

  /** The agent at the start of an epoch, and what it has observed since. */
  save(): unknown {
    const { epochStart, observed } = this
    return checkpoint(this.variant, this.problem, { epochStart, observed } satisfies Knowledge)
  }

  restore(saved: unknown): void {
    const { epochStart, observed } = knowledgeOf<Knowledge>(saved, this.variant, this.problem)
    restoreParts(this.parts(), epochStart.parts)
    this.counters = { ...epochStart.counters }
    this.learnedSteps = epochStart.learnedSteps
    this.epoch = epochStart.epoch
    this.scaleMs = epochStart.scaleMs
    this.interaction = this.algorithm1()
    this.rule = this.interaction.next().value as DecisionRule
    for (const transition of observed) this.observe(transition)
  }

  private snapshot(): Snapshot {
    const { learnedSteps, epoch, scaleMs } = this
    const counters = { ...this.counters }
    return { counters, learnedSteps, epoch, scaleMs, parts: saveParts(this.parts()) }
  }

  private parts() {
    const { random, constraint, exploration, policy, target, system, memory } = this
    return { random, constraint, exploration, policy, target, system, memory }
  }
}

interface Snapshot {
  readonly counters: LearningProgress
  readonly learnedSteps: number
  readonly epoch: number
  readonly scaleMs: number
  readonly parts: PartStates
}

interface Knowledge {
  readonly epochStart: Snapshot
  readonly observed: readonly Transition[]
}

/** A number of sessions: the paper's α schedules are not whole numbers. */
function rounded(sessions: number): number {
  return Math.max(1, Math.round(sessions))
}

function repeat<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make)
}
