/**
 * Hybrid Learning: Algorithm 1 of the HL paper, to be read beside it. Comments give the printed line numbers.
 *
 * The listing is a generator that runs until it needs the environment: there it yields how to decide, and it goes on when
 * the transition is known. `decide` and `observe` are the two ends of that yield, so the loops below read like the paper's.
 *
 * Two readings are taken where the listing is unclear. Line 30, `take step(s, a')`, is a real step (the wording of line 11,
 * not of line 25): suggestions are verified, count as real steps, and teach all three buffers. And infeasible decisions are
 * masked exactly, because accuracies are known, so no decision ever breaks the goal.
 */
import { Random } from '../../random.ts'
import type { Decision, Problem, State, Transition } from '../environment/environment.ts'
import { decisionOf, FeasibleDecisions } from '../environment/feasible.ts'
import { argmin, lowest } from '../environment/ranking.ts'
import { scaleOf } from '../nn/cost-scale.ts'
import type { Engine, NetworkState } from '../nn/engine.ts'
import { Policy } from '../policy/policy.ts'
import type { Experience, Sample } from '../replay/experience.ts'
import { KeyedBuffer, type KeyedBufferState } from '../replay/keyed-buffer.ts'
import { PrioritizedBuffer, type PrioritizedBufferState } from '../replay/prioritized-buffer.ts'
import { UniformBuffer, type UniformBufferState } from '../replay/uniform-buffer.ts'
import { ResponseTimes, type ResponseTimesState } from '../system-model/response-times.ts'
import { SystemModel, type SystemModelState } from '../system-model/system-model.ts'
import type { Agent, LearningProgress } from './agent.ts'
import { checkpoint, knowledgeOf } from './checkpoint.ts'
import { Exploration, type ExplorationState } from './exploration.ts'
import type { Hyperparameters } from './hyperparameters.ts'

/** How the next decision will be taken, once the state it is taken in is known. */
type DecisionRule = (state: State) => Decision

/** A part of Algorithm 1: gives decision rules, receives what they led to. */
type Interaction = Generator<DecisionRule, void, Transition>

export const MODES = ['verified', 'repaired', 'literal'] as const

/**
 * How planning reads lines 30 and 33. `verified`: line 30 is a real step. `repaired`: it is a step of the System Model, and
 * everything in D_plan is predicted anew each epoch. `literal`: it is a step of the System Model, and what D_plan was first
 * given stays, as printed.
 */
export type Mode = (typeof MODES)[number]

export type Feedback = 'average' | 'per-device'

export interface HybridOptions {
  readonly seed: number
  readonly engine: Engine
  readonly hyperparameters: Hyperparameters
  /**
   * What r is learned from: the average response time of the round alone, as in the paper's experiments (default), or
   * every device's own, which the paper's devices report too and which carry far less noise (`ResponseTimes`).
   */
  readonly feedback?: Feedback
}

export class HybridAgent implements Agent {
  readonly name = 'hybrid'
  private readonly problem: Problem
  private readonly hyperparameters: Hyperparameters
  private readonly feasible: FeasibleDecisions
  private readonly exploration: Exploration
  private readonly random: Random
  private readonly policy: Policy
  private readonly system: SystemModel
  private readonly direct: PrioritizedBuffer // D_direct
  private readonly world: UniformBuffer // D_world
  private readonly plan: KeyedBuffer // D_plan
  /** Absent where the agent sees only averages. */
  private readonly responses: ResponseTimes | undefined
  private counters = { realSteps: 0, plannedSteps: 0, updates: 0 }
  private epoch = 0
  /** ms per unit of scaled cost; known after the first direct session. */
  private scaleMs = 0
  /** s: where the last step led; undefined before the first. */
  private state: State | undefined
  private interaction: Interaction
  private rule: DecisionRule
  private epochStart: Snapshot
  /** What was observed since the epoch began, in order; at most one epoch long. */
  private observed: Transition[] = []

  constructor(
    problem: Problem,
    { seed, engine, hyperparameters, feedback = 'average' }: HybridOptions,
  ) {
    const { replayCapacity, priorityExponent, importanceExponent } = hyperparameters
    const prioritization = { exponent: priorityExponent, importanceExponent }
    this.problem = problem
    this.responses = feedback === 'per-device' ? new ResponseTimes(problem) : undefined
    this.hyperparameters = hyperparameters
    this.feasible = new FeasibleDecisions(problem)
    this.exploration = new Exploration(problem, this.feasible)
    this.random = new Random(seed)
    this.policy = new Policy(problem, engine, hyperparameters, this.random.fork('policy')) // 1
    this.system = new SystemModel(problem, engine, hyperparameters, this.random.fork('system')) // 2
    this.direct = new PrioritizedBuffer(replayCapacity, prioritization) // 3
    this.world = new UniformBuffer(replayCapacity) // 3
    this.plan = new KeyedBuffer(replayCapacity, prioritization) // 3
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
    return decisionOf(argmin(costs, this.feasible.indices(state)), this.problem)
  }

  private *algorithm1(): Interaction {
    for (;;) {
      this.epochStart = this.snapshot()
      this.observed = []
      this.epoch += 1 // 4
      const alpha = Math.min(1, this.epoch / this.hyperparameters.epochs) // 5
      yield* this.directReinforcementLearning(alpha)
      this.learnSystemModel(alpha)
      yield* this.planning(alpha)
    }
  }

  /** Lines 6 to 16. */
  private *directReinforcementLearning(alpha: number): Interaction {
    const { directSessions, directUpdates, batchSize } = this.hyperparameters
    const { firstSteps, directSteps } = this.hyperparameters
    const steps = this.epoch === 1 ? firstSteps : directSteps
    const costs: number[] = []
    // 7
    for (let session = 1; session <= rounded((1 - alpha / 2) * directSessions); session++) {
      // 8
      for (let step = 1; step <= steps; step++) {
        const transition = yield this.epsilonGreedy() // 9, 10, 11
        costs.push(this.remember(transition).cost) // 12, 13
      }
      if (this.scaleMs === 0) this.scaleMs = scaleOf(costs, this.hyperparameters)
      const samples = repeat(directUpdates, () =>
        this.known(this.direct.sample(batchSize, this.random)),
      ) // 14
      this.updatePolicy(samples, this.direct) // 15, 16
    }
  }

  /** Lines 17 to 20. */
  private learnSystemModel(alpha: number): void {
    const { worldSessions, batchSize } = this.hyperparameters
    const sessions = rounded((1 - alpha / 2) * worldSessions) // 18
    const rows = repeat(sessions, () => this.world.sample(batchSize, this.random))
      .flat()
      .map((row) => this.asKnown(row)) // 19
    this.counters.updates += this.system.update(rows, this.scaleMs) // 20
  }

  /** Lines 21 to 38. */
  private *planning(alpha: number): Interaction {
    const { suggestSessions, suggestSteps, planSessions, batchSize } = this.hyperparameters
    let s = this.state as State
    // 22
    for (let session = 1; session <= rounded(((alpha + 1) / 2) * suggestSessions); session++) {
      // 23
      for (let step = 1; step <= suggestSteps; step++) {
        const suggested = this.suggest(s) // 24, 26, 27
        const successor = this.system.predict(
          s.features,
          decisionOf(suggested[0] as number, this.problem),
        ) // 25
        yield* this.verify(suggested, s) // 28 to 33
        s = { ...s, features: successor.nextFeatures } // 34
      }
    }
    if (this.plan.size === 0) return
    const sessions = rounded(((alpha + 1) / 2) * planSessions) // 35
    const samples = repeat(sessions, () => this.known(this.plan.sample(batchSize, this.random))) // 36
    this.updatePolicy(samples, this.plan) // 37, 38
    this.counters.plannedSteps += sessions
  }

  /** Line 9 and 10. What is random is drawn here, so that `decide` may be asked any number of times. */
  private epsilonGreedy(): DecisionRule {
    const explore = this.random.uniform() < this.epsilon()
    const random = this.exploration.rule(this.random)
    return explore ? random : (state) => this.greedy(state)
  }

  /** ε now; 1 while Q has learned nothing. */
  private epsilon(): number {
    if (this.scaleMs === 0) return 1
    const { first, last, steps } = this.hyperparameters.epsilon
    return Math.max(
      last,
      first * (last / first) ** (this.exploration.age(this.counters.realSteps) / steps),
    )
  }

  /**
   * Lines 24, 26 and 27: the joint decisions of lowest predicted cost, best first, each given the benefit of what is not yet
   * known of it; without, a choice that had one unlucky sample would never be suggested again. [K]
   */
  private suggest(state: State): number[] {
    const { candidates, epsilon, optimism: bonus } = this.hyperparameters
    const optimism = Math.max(bonus.last, bonus.first * (this.epsilon() / epsilon.first))
    const uncertainty = this.exploration.uncertainty()
    const costs = this.system.costs(state.features)
    const bounds = costs.map((cost, action) => cost - optimism * (uncertainty[action] as number))
    return lowest(bounds, this.feasible.indices(state), candidates)
  }

  /**
   * Lines 28 to 33. A decision counts as in D_plan when it was tried in this very state; its tuple is real experience, true
   * only of that state, so line 33 has nothing to change.
   */
  private *verify(suggested: readonly number[], { features }: State): Interaction {
    const decisions = suggested.map((action) => decisionOf(action, this.problem))
    const unknown = decisions.filter((decision) => !this.plan.has(planKey(decision, features))) // 28, 29
    for (const decision of unknown.slice(0, this.hyperparameters.verifications)) {
      const experience = this.remember(yield this.unlessInfeasible(decision)) // 30
      this.plan.set(planKey(experience.decision, experience.features), experience) // 31
    }
  }

  /** The suggestion, or the greedy decision where the goal or the available choices have changed since. */
  private unlessInfeasible(suggestion: Decision): DecisionRule {
    return (state) => (this.feasible.includes(suggestion, state) ? suggestion : this.greedy(state))
  }

  /** Lines 12 and 13, for one real step. */
  private remember({ state, decision, outcome }: Transition): Experience {
    const experience: Experience = {
      features: state.features,
      decision,
      cost: outcome.cost,
      nextFeatures: outcome.state.features,
    }
    this.responses?.observe(state.features, decision, outcome.responseTimesMs)
    this.exploration.count(decision)
    if (this.counters.realSteps === 0) this.exploration.notice(state, 0)
    this.world.push(experience)
    this.direct.push(experience)
    this.state = outcome.state
    this.counters.realSteps += 1
    this.exploration.notice(outcome.state, this.counters.realSteps)
    return experience
  }

  /** A minibatch with each r as it is known now. */
  private known(sample: Sample): Sample {
    if (!this.responses) return sample
    return { ...sample, experiences: sample.experiences.map((row) => this.asKnown(row)) }
  }

  private asKnown(experience: Experience): Experience {
    const cost = this.responses?.average(experience.features, experience.decision)
    return cost === undefined ? experience : { ...experience, cost }
  }

  /** Lines 15 and 37, then new priorities (HL paper, section III, phase 1). */
  private updatePolicy(samples: readonly Sample[], buffer: PrioritizedBuffer | KeyedBuffer): void {
    const errors = this.policy.update(samples, this.scaleMs)
    for (const [i, { slots }] of samples.entries()) {
      buffer.reprioritize(slots, errors[i] as Float32Array)
    }
    this.counters.updates += samples.length
  }

  /** The agent at the start of an epoch, and what it has observed since. */
  save(): unknown {
    const { epochStart, observed } = this
    return checkpoint(this.name, this.problem, { epochStart, observed } satisfies Knowledge)
  }

  restore(saved: unknown): void {
    const { epochStart, observed } = knowledgeOf<Knowledge>(saved, this.name, this.problem)
    this.apply(epochStart)
    this.interaction = this.algorithm1()
    this.rule = this.interaction.next().value as DecisionRule
    for (const transition of observed) this.observe(transition)
  }

  private snapshot(): Snapshot {
    return {
      counters: { ...this.counters },
      epoch: this.epoch,
      scaleMs: this.scaleMs,
      random: this.random.save(),
      explored: this.exploration.save(),
      policy: this.policy.save(),
      system: this.system.save(),
      direct: this.direct.save(),
      world: this.world.save(),
      plan: this.plan.save(),
      ...(this.responses && { responses: this.responses.save() }),
    }
  }

  private apply(snapshot: Snapshot): void {
    this.counters = { ...snapshot.counters }
    this.epoch = snapshot.epoch
    this.scaleMs = snapshot.scaleMs
    this.random.restore(snapshot.random)
    this.exploration.restore(snapshot.explored)
    this.policy.restore(snapshot.policy)
    this.system.restore(snapshot.system)
    this.direct.restore(snapshot.direct)
    this.world.restore(snapshot.world)
    this.plan.restore(snapshot.plan)
    if (snapshot.responses) this.responses?.restore(snapshot.responses)
  }
}

interface Snapshot {
  readonly counters: LearningProgress
  readonly epoch: number
  readonly scaleMs: number
  readonly random: number
  readonly explored: ExplorationState
  readonly policy: NetworkState
  readonly system: SystemModelState
  readonly direct: PrioritizedBufferState
  readonly world: UniformBufferState
  readonly plan: KeyedBufferState
  readonly responses?: ResponseTimesState
}

interface Knowledge {
  readonly epochStart: Snapshot
  readonly observed: readonly Transition[]
}

/** A decision in a state, as a key of D_plan. */
function planKey(decision: Decision, features: Float32Array): string {
  return `${decision} in ${features}`
}

/** A number of sessions: the paper's α schedules are not whole numbers. */
function rounded(sessions: number): number {
  return Math.max(1, Math.round(sessions))
}

function repeat<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make)
}
