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
import { argmin } from '../environment/ranking.ts'
import { SystemModel } from '../model/network.ts'
import { scaleOf } from '../nn/cost-scale.ts'
import type { Planning, Suggestion } from '../planning/planning.ts'
import { PredictedPlanning } from '../planning/predicted.ts'
import { VerifiedPlanning } from '../planning/verified.ts'
import { Policy } from '../policy/policy.ts'
import { Target } from '../policy/target.ts'
import type { Experience } from '../replay/experience.ts'
import type { KeyedBuffer } from '../replay/keyed-buffer.ts'
import type { PrioritizedBuffer } from '../replay/prioritized-buffer.ts'
import type { Agent, LearningProgress, Prediction } from './agent.ts'
import { checkpoint, knowledgeOf, type PartStates, restoreParts, saveParts } from './checkpoint.ts'
import { HybridMemory, mapped } from './hybrid-memory.ts'
import { type Feedback, type HybridOptions, type Mode, resolved } from './hybrid-options.ts'
import { Schedule } from './hybrid-schedule.ts'
import type { Hyperparameters } from './hyperparameters.ts'
import { type Line, LineTrace, type TracedLine } from './line-trace.ts'

/** How the next decision will be taken, once the state it is taken in is known. */
type DecisionRule = (state: State) => Decision

/** A part of Algorithm 1: gives decision rules, receives what they led to. */
type Interaction = Generator<DecisionRule, void, Transition>

/** Algorithm 1. */
export class HybridAgent implements Agent {
  readonly name = 'hybrid'
  /** What a checkpoint must agree with. */
  private readonly variant: string
  private readonly problem: Problem
  private readonly hyperparameters: Hyperparameters
  private readonly mode: Mode
  private readonly feedback: Feedback
  private readonly constraint: Constraint
  private readonly schedule: Schedule
  private readonly random: Random
  private readonly policy: Policy // Q
  private readonly target: Target | undefined // Q', where γ > 0
  private readonly system: SystemModel // System
  private readonly memory: HybridMemory // D_direct, D_world, D_plan
  private readonly strategy: Planning
  private lineTrace = new LineTrace()
  private counters = { realSteps: 0, plannedSteps: 0, updates: 0 }
  /** Real steps that gave a cost to learn from: all but those that met the penalty and told nothing else. */
  private learnedSteps = 0
  /** ms per unit of scaled cost; 0 until the first `scaleSteps` costs are met. */
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
    this.feedback = feedback
    this.random = new Random(seed)
    const fork = (part: string) => this.random.fork(part)
    this.constraint = createConstraint(problem, regime, constraint, fork('constraint'))
    this.schedule = new Schedule(hyperparameters)
    this.policy = new Policy(problem, engine, hyperparameters, fork('policy')) // 1
    if (discount > 0) {
      const random = fork('policy')
      this.target = new Target(problem, engine, hyperparameters, discount, this.constraint, random)
    }
    this.system = new SystemModel(problem, engine, hyperparameters, fork('system')) // 2
    this.memory = new HybridMemory(hyperparameters) // 3
    this.strategy = this.createStrategy()
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

  trace(): readonly TracedLine[] {
    return this.lineTrace.lines()
  }

  greedy(state: State): Decision {
    const bySystem = this.hyperparameters.ablation.systemDecides && this.scaleMs > 0
    const costs = bySystem
      ? this.system.in(state.features, this.scaleMs).means()
      : this.policy.costs(state.features)
    return decisionOf(argmin(costs, this.constraint.allowed(state)), this.problem)
  }

  believe({ features }: State, decisions: readonly Decision[]): Prediction[] | undefined {
    return this.system.believe(features, decisions, this.scaleMs)
  }

  private *algorithm1(): Interaction {
    for (;;) {
      this.epochStart = this.snapshot()
      this.observed = []
      this.schedule.epoch += 1 // 4
      if (this.scaleMs === 0) this.lineTrace = new LineTrace() // what only set the scale does not count
      this.lineTrace.begin(this.schedule.epoch)
      const { alpha } = this.schedule // 5
      yield* this.directReinforcementLearning(alpha)
      if (this.scaleMs === 0 || !this.state) continue // too little met so far but penalties
      this.learnSystemModel(alpha)
      yield* this.planning(alpha, this.state)
    }
  }

  /** Lines 6 to 16. */
  private *directReinforcementLearning(alpha: number): Interaction {
    const { directSessions, directUpdates, directSteps } = this.hyperparameters
    const sessions = this.schedule.due('direct', (1 - alpha / 2) * directSessions)
    // 7
    for (let session = 1; session <= sessions; session++) {
      this.count('7')
      // 8
      for (let step = 1; step <= directSteps; step++) {
        this.remember(yield this.epsilonGreedy()) // 9 to 13
        this.count('11')
      }
      if (this.scaleMs === 0) this.scaleMs = this.firstScale()
      if (this.scaleMs === 0) continue
      this.count('15', this.updatePolicy(directUpdates, this.memory.direct)) // 14 to 16
      if (this.target) this.count('16')
    }
  }

  /** By the first costs; 0 while they are too few. */
  private firstScale(): number {
    const { direct } = this.memory
    if (direct.size < this.hyperparameters.scaleSteps) return 0
    const costs = Array.from({ length: direct.size }, (_, slot) => direct.at(slot)?.cost ?? 0)
    return scaleOf(costs, this.hyperparameters)
  }

  /** Lines 17 to 20. The wide part of System is solved at every real step (`remember`). */
  private learnSystemModel(alpha: number): void {
    const { worldSessions, batchSize } = this.hyperparameters
    const sessions = this.schedule.due('world', (1 - alpha / 2) * worldSessions) // 18
    if (sessions === 0) return
    const rows = repeat(sessions, () => this.memory.world.sample(batchSize, this.random)).flat() // 19
    const updates = this.system.update(rows, this.scaleMs) // 20
    this.count('20 deep', updates)
    this.counters.updates += updates
  }

  /** Lines 21 to 38. */
  private *planning(alpha: number, start: State): Interaction {
    const { suggestSessions, suggestSteps, planSessions } = this.hyperparameters
    const sessions = this.schedule.due('suggest', ((alpha + 1) / 2) * suggestSessions)
    let s = start
    // 22
    for (let session = 1; session <= sessions; session++) {
      this.count('22')
      // 23
      for (let step = 1; step <= suggestSteps; step++) {
        const system = this.system.in(s.features, this.scaleMs)
        const best = decisionOf(argmin(system.means(), this.constraint.allowed(s)), this.problem) // 24
        const imagined = this.system.drawNext(s.features, best, this.random) // 25
        const suggestions = this.strategy.suggest(s, system) // 26, 27
        for (const line of ['24', '25'] as const) this.count(line)
        this.count('27', suggestions.length)
        const isReal = step === 1
        yield* this.take(suggestions, s, isReal) // 28 to 33
        // 34: where suggestions are tried for real, the state they led to
        const isTried = isReal && this.mode === 'verified'
        s = (isTried && this.state) || { ...s, features: imagined }
        this.count('34')
      }
      if (this.mode === 'verified' && this.state) s = this.state
    }
    this.planPolicy(this.schedule.due('plan', ((alpha + 1) / 2) * planSessions)) // 35 to 38
  }

  private planPolicy(updates: number): void {
    const { plan } = this.memory
    if (this.mode === 'repaired') plan.revise((planned) => this.imagine(planned.decision, planned)) // 33, for all
    const made = this.updatePolicy(updates, plan)
    this.count('37', made)
    if (this.target && made > 0) this.count('38')
    this.counters.plannedSteps += made
  }

  /** Line 9 and 10. What is random is drawn here, so that `decide` may be asked any number of times. */
  private epsilonGreedy(): DecisionRule {
    const explore =
      this.scaleMs === 0 || this.random.uniform() < this.schedule.epsilon(this.learnedSteps)
    const draw = this.random.uniform()
    return (state) => {
      if (!explore && !this.constraint.isCold(state)) return this.greedy(state)
      const explorable = this.constraint.explorable(state)
      const indices = this.memory.untaken(explorable, state, this.problem)
      return decisionOf(indices[Math.floor(draw * indices.length)], this.problem)
    }
  }

  /** Lines 28 to 33. @param isReal whether s is the environment's state, not imagined */
  private *take(suggestions: readonly Suggestion[], start: State, isReal: boolean): Interaction {
    const { plan } = this.memory
    let s = start
    // 28
    for (const suggestion of suggestions) {
      const { decision } = suggestion
      const key = this.keyOf({ decision, features: s.features })
      const planned = plan.get(key) // 29
      const system = this.system.in(s.features, this.scaleMs)
      const verdict = this.strategy.judge(suggestion, system, planned, isReal)
      if (verdict === 'try') {
        this.count('30 real')
        const tried = this.remember(yield this.unlessForbidden(decision)) // 30
        if (tried && plan.add(this.keyOf(tried), tried)) this.count('31') // 31
        s = this.state ?? s
      } else if (verdict === 'predict') {
        this.count('30 System')
        this.count('31')
        plan.set(key, this.predict(decision, s)) // 30, 31
      } else if (verdict === 'refresh' && planned) {
        this.count('33')
        plan.set(key, this.refreshed(planned, s)) // 32, 33
      }
    }
  }

  /** Line 33: s is the newest, and what was predicted is predicted anew but as the listing is printed. */
  private refreshed(planned: Experience, s: State): Experience {
    return this.mode === 'verified' && planned.predicted
      ? this.predict(planned.decision, s)
      : { ...planned, features: s.features }
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
    const { state, outcome } = transition
    const experience = this.constraint.observe(transition)
      ? this.memory.store(transition)
      : undefined
    if (this.counters.realSteps === 0) this.schedule.notice(state, 0)
    this.counters.realSteps += 1
    if (experience) {
      if (this.mode === 'verified') {
        this.memory.tryAgain(this.keyOf(experience), experience) // 33
      }
      const isPerDevice = this.feedback === 'per-device'
      this.system.observe(experience, isPerDevice ? outcome.responseTimesMs : undefined)
      this.count('20 wide')
      this.learnedSteps += 1
    }
    this.schedule.notice(outcome.state, this.learnedSteps)
    this.state = outcome.state
    return experience
  }

  /** r and what is expected of s' ← System(s, a). */
  imagine(decision: Decision, { features }: Pick<State, 'features'>): Experience {
    const cost = this.system.in(features, this.scaleMs).cost(decision)
    const nextFeatures = this.system.next(features, decision)
    return { features, decision, cost, nextFeatures, predicted: true }
  }

  /** r, s' ← System(s, a), s' drawn; as printed, what is expected of it. */
  private predict(decision: Decision, state: State): Experience {
    const imagined = this.imagine(decision, state)
    if (this.mode !== 'verified') return imagined
    const nextFeatures = this.system.drawNext(state.features, decision, this.random)
    return { ...imagined, nextFeatures }
  }

  /**
   * Lines 14 to 16 and 36 to 38, then new priorities (HL paper, section III, phase 1).
   * @returns number of updates
   */
  private updatePolicy(updates: number, buffer: PrioritizedBuffer | KeyedBuffer): number {
    if (buffer.size === 0 || updates === 0) return 0
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
    if (!this.target) return row
    return { ...row, cost: this.target.costMs(row, this.state as State, this.scaleMs) }
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
    this.state = epochStart.state
    this.lineTrace = new LineTrace()
    this.scaleMs = epochStart.scaleMs
    this.interaction = this.algorithm1()
    this.rule = this.interaction.next().value as DecisionRule
    for (const transition of observed) this.observe(transition)
  }

  private keyOf({ decision, features }: Pick<Experience, 'decision' | 'features'>): string {
    return this.strategy.key(decision, features)
  }

  private count(line: Line, times = 1): void {
    this.lineTrace.count(line, times)
  }

  private createStrategy(): Planning {
    const { problem, constraint, hyperparameters, random, policy } = this
    if (this.mode !== 'verified') {
      return new PredictedPlanning(problem, constraint, hyperparameters.candidates)
    }
    return new VerifiedPlanning({
      ...{ problem, constraint, hyperparameters, random },
      policyCosts: (features) => policy.costs(features),
    })
  }

  private snapshot(): Snapshot {
    const { learnedSteps, scaleMs, state } = this
    const counters = { ...this.counters }
    return { counters, learnedSteps, scaleMs, state, parts: saveParts(this.parts()) }
  }

  private parts() {
    const { random, constraint, schedule, policy, target, system, memory } = this
    return { random, constraint, schedule, policy, target, system, memory }
  }
}

interface Snapshot {
  readonly counters: LearningProgress
  readonly learnedSteps: number
  readonly state: State | undefined
  readonly scaleMs: number
  readonly parts: PartStates
}

interface Knowledge {
  readonly epochStart: Snapshot
  readonly observed: readonly Transition[]
}

function repeat<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make)
}
