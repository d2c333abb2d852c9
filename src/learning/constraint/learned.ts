/**
 * Accuracies are unknown: whether a decision meets the goal is learned from whether its cost was the penalty, by a head of its
 * own and by a hard rule. A cost network that learns the penalty as one more cost bends at the cliff instead, and a decision
 * just this side of it is never tried again.
 */
import type { Random } from '../../random.ts'
import type { ConstraintHyperparameters } from '../agent/hyperparameters.ts'
import { PENALTY_MS } from '../agent/regime.ts'
import type { Problem, State, Transition } from '../environment/environment.ts'
import { FeasibleDecisions, indexOf } from '../environment/feasible.ts'
import { type Constraint, drawn } from './constraint.ts'
import { GoalLabels, type GoalLabelsState, type Label } from './goal-labels.ts'
import { ViolationHead } from './violation-head.ts'

/** Scores closer than this are equal: sums of the same weights in another order, in single precision. */
const TIE = 1e-5

/** The head for one goal. */
interface Fit {
  readonly goalPercent: number
  readonly weights: Float64Array
}

/** All that is said about one state. */
interface View {
  readonly allowed: Uint32Array
  readonly explorable: Uint32Array
  readonly doubtful: Uint32Array
  readonly isCold: boolean
}

interface LearnedConstraintState {
  readonly labels: GoalLabelsState
  readonly fit: Fit | undefined
  readonly draw: number
  readonly random: number
}

export class LearnedConstraint implements Constraint {
  private readonly problem: Problem
  private readonly hyperparameters: ConstraintHyperparameters
  private readonly available: FeasibleDecisions
  private readonly head: ViolationHead
  private readonly labels = new GoalLabels()
  private readonly random: Random
  /** For the goal last observed; the next fit for it starts here. */
  private fit: Fit | undefined
  /** Breaks ties; drawn anew when something was learned. */
  private draw: number
  /** By goal and available choices; holds until something is learned. */
  private readonly views = new Map<string, View>()

  /** @throws ConfigError when there are too many joint decisions */
  constructor(problem: Problem, hyperparameters: ConstraintHyperparameters, random: Random) {
    this.problem = problem
    this.hyperparameters = hyperparameters
    this.available = new FeasibleDecisions(problem)
    this.head = new ViolationHead(problem, hyperparameters)
    this.random = random
    this.draw = random.uniform()
  }

  /**
   * Decisions that met the goal and those never tried that should, z < 0. If there are none, the one likeliest to meet it: among
   * equals any, for the first of them by index would be the most accurate of all.
   * @throws InvalidInputError when no choice is available
   */
  allowed(state: State): Uint32Array {
    return this.view(state).allowed
  }

  /**
   * Every available decision that is not known to break the goal; with `probe` and nothing known to meet it, first those in
   * which every device takes the same choice.
   * @throws InvalidInputError when no choice is available
   */
  explorable(state: State): Uint32Array {
    return this.view(state).explorable
  }

  /** Decisions never tried whose probability of breaking the goal is within the window. */
  doubtful(state: State): Uint32Array {
    return this.view(state).doubtful
  }

  isCold(state: State): boolean {
    return this.hyperparameters.cold && this.view(state).isCold
  }

  /** The label comes from the raw cost: only the penalty is exactly the penalty. */
  observe({ state, decision, outcome }: Transition): boolean {
    const { goalPercent } = state
    const met = outcome.cost !== PENALTY_MS
    const action = indexOf(decision, this.problem)
    if (!this.labels.observe(action, goalPercent, met ? 'met' : 'broken')) return met
    const start = this.fit?.goalPercent === goalPercent ? this.fit.weights : undefined
    this.fit = { goalPercent, weights: this.head.fit(this.labels.at(goalPercent), start) }
    this.draw = this.random.uniform()
    this.views.clear()
    return met
  }

  save(): LearnedConstraintState {
    const { fit, draw } = this
    return { labels: this.labels.save(), fit, draw, random: this.random.save() }
  }

  restore(saved: unknown): void {
    const { labels, fit, draw, random } = saved as LearnedConstraintState
    this.labels.restore(labels)
    this.fit = fit
    this.draw = draw
    this.random.restore(random)
    this.views.clear()
  }

  private view(state: State): View {
    const key = `${state.goalPercent} ${state.available}`
    const known = this.views.get(key)
    if (known) return known
    const view = this.look(state)
    this.views.set(key, view)
    return view
  }

  private look(state: State): View {
    const { goalPercent } = state
    const open = this.available.indices({ ...state, goalPercent: 0 })
    const labels = this.labels.at(goalPercent)
    const scores = this.head.scores(this.weightsFor(goalPercent, labels))
    const { above, below } = this.hyperparameters.doubt
    const [leastDoubt, mostDoubt] = [logit(above), logit(below)]
    const label = (action: number) => labels.get(action)
    const isCold = !open.some((action) => label(action) === 'met')
    const allowed = open.filter((action) => {
      const known = label(action)
      return known ? known === 'met' : (scores[action] as number) < 0
    })
    return {
      isCold,
      allowed: allowed.length > 0 ? allowed : this.likeliest(scores, open, labels),
      explorable: this.toExplore(open, labels, isCold),
      doubtful: open.filter((action) => {
        const z = scores[action] as number
        return z > leastDoubt && z < mostDoubt && !label(action)
      }),
    }
  }

  /** A goal other than the one last observed is fitted from scratch, so that being asked about it changes nothing. */
  private weightsFor(goalPercent: number, labels: ReadonlyMap<number, Label>): Float64Array {
    if (this.fit?.goalPercent === goalPercent) return this.fit.weights
    return this.head.fit(labels)
  }

  /** One of lowest z, not known to break the goal if there is such a one. [1] */
  private likeliest(
    scores: Float32Array,
    open: Uint32Array,
    labels: ReadonlyMap<number, Label>,
  ): Uint32Array {
    const candidates = unlessEmpty(
      open.filter((action) => !labels.has(action)),
      open,
    )
    const lowest = candidates.reduce(
      (least, action) => Math.min(least, scores[action] as number),
      Infinity,
    )
    const tied = candidates.filter((action) => (scores[action] as number) <= lowest + TIE)
    return Uint32Array.of(drawn(tied, this.draw))
  }

  private toExplore(
    open: Uint32Array,
    labels: ReadonlyMap<number, Label>,
    isCold: boolean,
  ): Uint32Array {
    const unbroken = unlessEmpty(
      open.filter((action) => labels.get(action) !== 'broken'),
      open,
    )
    if (!isCold || !this.hyperparameters.probe) return unbroken
    const { devices, choices } = this.problem
    // In mixed radix the decision (c, c, …, c) is c times this.
    const uniform = (choices.length ** devices - 1) / (choices.length - 1)
    return unlessEmpty(
      unbroken.filter((action) => action % uniform === 0),
      unbroken,
    )
  }
}

function unlessEmpty(indices: Uint32Array, otherwise: Uint32Array): Uint32Array {
  return indices.length > 0 ? indices : otherwise
}

function logit(probability: number): number {
  return Math.log(probability / (1 - probability))
}
