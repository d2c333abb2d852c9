/**
 * AutoScale-style Q-learning (Kim and Wu, MICRO 2020, as the HL paper uses it): a table over (state, joint decision), ε-greedy.
 * Values are Q · (1 − γ), discounted averages in ms: the same argmin, and in the unit of a cost whatever γ is.
 */
import { Random } from '../../../random.ts'
import type { Constraint } from '../../constraint/constraint.ts'
import { ExactConstraint } from '../../constraint/exact.ts'
import { SmoothCliff } from '../../constraint/smooth-cliff.ts'
import type { Decision, Problem, State, Transition } from '../../environment/environment.ts'
import { decisionOf, indexOf, jointDecisionCount } from '../../environment/feasible.ts'
import type { Agent, LearningProgress } from '../agent.ts'
import { checkpoint, knowledgeOf } from '../checkpoint.ts'
import type { QLearningHyperparameters } from '../hyperparameters.ts'
import { type Regime, sameState } from '../regime.ts'
import { type Allowed, NOT_ALLOWED, QTable, type QTableState } from './q-table.ts'

/** Random orders kept, one per goal and set of available choices; the oldest goes first. */
const CACHED_ORDERS = 4

export interface QLearningOptions {
  readonly seed: number
  readonly regime: Regime
  readonly hyperparameters: QLearningHyperparameters
}

/** What was looked up for a state, while the next question is about the same one. */
interface Lookup {
  readonly state: State
  readonly key: string
  readonly allowed: Allowed
}

export interface QLearningKnowledge {
  readonly realSteps: number
  readonly random: number
  readonly orderSeed: number
  readonly explore: boolean
  readonly draw: number
  readonly tables: ReadonlyMap<string, QTableState>
}

export class QLearningAgent implements Agent {
  readonly name = 'q-learning'
  private readonly problem: Problem
  private readonly regime: Regime
  private readonly hyperparameters: QLearningHyperparameters
  private readonly constraint: Constraint
  private readonly random: Random
  /** Fixes the order in which equal decisions are tried. */
  private orderSeed: number
  private readonly orders = new Map<string, Allowed>()
  /** By state; least recently updated first. */
  private readonly tables = new Map<string, QTable>()
  private lookup: Lookup | undefined
  private realSteps = 0
  /** The next decision's randomness, drawn before it is asked for. */
  private explore = false
  private draw = 0

  constructor(problem: Problem, { seed, regime, hyperparameters }: QLearningOptions) {
    this.problem = problem
    this.regime = regime
    this.hyperparameters = hyperparameters
    // A table has a value of its own for every decision, so the cliff is as sharp in it as it is.
    this.constraint = regime === 'exact' ? new ExactConstraint(problem) : new SmoothCliff(problem)
    this.random = new Random(seed)
    this.orderSeed = this.random.fork('order').save()
    this.prepare()
  }

  /** Updates of a table are not gradient updates. */
  get progress(): LearningProgress {
    return { realSteps: this.realSteps, plannedSteps: 0, updates: 0 }
  }

  decide(state: State): Decision {
    if (!this.explore) return this.greedy(state)
    const { order } = this.find(state).allowed
    return decisionOf(order[Math.floor(this.draw * order.length)], this.problem)
  }

  greedy(state: State): Decision {
    return decisionOf(this.tableOf(state).best(), this.problem)
  }

  observe({ state, decision, outcome }: Transition): void {
    const { discount } = this.hyperparameters
    const future = discount > 0 ? discount * this.tableOf(outcome.state).lowest() : 0
    const table = this.tableOf(state)
    this.keep(table)
    table.update(indexOf(decision, this.problem), (1 - discount) * outcome.cost + future)
    this.realSteps += 1
    this.prepare()
  }

  save(): unknown {
    const { realSteps, orderSeed, explore, draw } = this
    const tables = new Map([...this.tables].map(([key, table]) => [key, table.save()]))
    const random = this.random.save()
    return checkpoint(this.name, this.problem, {
      realSteps,
      random,
      orderSeed,
      explore,
      draw,
      tables,
    } satisfies QLearningKnowledge)
  }

  restore(saved: unknown): void {
    const knowledge = knowledgeOf<QLearningKnowledge>(saved, this.name, this.problem)
    this.realSteps = knowledge.realSteps
    this.random.restore(knowledge.random)
    this.orderSeed = knowledge.orderSeed
    this.explore = knowledge.explore
    this.draw = knowledge.draw
    this.lookup = undefined
    this.orders.clear()
    this.tables.clear()
    for (const [key, state] of knowledge.tables) {
      const table = this.emptyTable()
      table.restore(state)
      this.tables.set(key, table)
    }
  }

  private prepare(): void {
    this.explore = this.random.uniform() < this.hyperparameters.epsilon
    this.draw = this.random.uniform()
  }

  /** The state's table, asked about what is allowed in the state; an empty one, not kept, if nothing is known. */
  private tableOf(state: State): QTable {
    const { key, allowed } = this.find(state)
    const table = this.tables.get(key) ?? this.emptyTable()
    table.allow(allowed)
    return table
  }

  private emptyTable(): QTable {
    const { initialCostMs, learningRate, learningRateExponent } = this.hyperparameters
    return new QTable({ initial: initialCostMs, learningRate, learningRateExponent })
  }

  /** Remembers the table of the state last looked up, as the one updated last. */
  private keep(table: QTable): void {
    const key = this.lookup?.key ?? ''
    if (this.tables.size > 1) this.tables.delete(key)
    this.tables.set(key, table)
    if (this.tables.size <= this.hyperparameters.mostStates) return
    const [oldest] = this.tables.keys()
    this.tables.delete(oldest ?? '')
  }

  private find(state: State): Lookup {
    if (this.lookup && sameState(this.lookup.state, state)) return this.lookup
    const { goalPercent, available } = state
    const features = state.features.slice()
    // A cost holds for every goal, unless it is the penalty for breaking one.
    const key = this.regime === 'exact' ? `${features}` : `${features} goal ${goalPercent}`
    this.lookup = {
      state: { features, goalPercent, available: [...available] },
      key,
      allowed: this.allowedIn(state),
    }
    return this.lookup
  }

  private allowedIn(state: State): Allowed {
    const key = `${state.goalPercent} ${state.available}`
    const known = this.orders.get(key)
    if (known) return known
    const order = new Random(this.orderSeed)
      .fork(key)
      .shuffle(this.constraint.allowed(state).slice())
    const rank = new Uint32Array(jointDecisionCount(this.problem)).fill(NOT_ALLOWED)
    for (let place = 0; place < order.length; place++) rank[order[place]] = place
    if (this.orders.size >= CACHED_ORDERS) this.orders.delete([...this.orders.keys()][0] ?? '')
    const allowed = { order, rank }
    this.orders.set(key, allowed)
    return allowed
  }
}
