import { InvalidInputError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import type { ConstraintHyperparameters } from '../agents/hyperparameters.ts'
import { PENALTY_MS } from '../agents/regime.ts'
import type { Problem, State, Transition } from '../environment/environment.ts'
import { decisionOf, FeasibleDecisions, indexOf } from '../environment/feasible.ts'
import { type Constraint, drawn, type Fit, type LearnedConstraintState } from './constraint.ts'
import { GoalLabels, type Label } from './goal-labels.ts'
import { ViolationHead } from './violation-head.ts'

/** Scores closer than this are equal: sums of the same weights in another order, in single precision. */
const TIE = 1e-5

/** All that is known about a goal and what is available. */
interface View {
  /** Available decisions, ascending. [open] */
  readonly open: Uint32Array
  /** z, but −∞ for what met the goal and ∞ for what broke it. [choices^devices] */
  readonly scores: Float32Array
  /** Answers given. */
  readonly answers: Map<string, Uint32Array>
  readonly isCold: boolean
}

/**
 * Accuracies are unknown: whether a decision meets the goal is learned from whether its cost was the penalty, by a head of its
 * own and by a hard rule. A cost network that learns the penalty as one more cost bends at the cliff instead, and a decision
 * just this side of it is never tried again.
 */
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
    return this.answer('allowed', state, (view) =>
      unlessEmpty(between(view, -Infinity, 0), () => this.likeliest(view)),
    )
  }

  /**
   * Every available decision not likelier to break the goal than `exploreBelow`. While nothing is known to
   * meet it, every one not known to break it; with `probe`, first those in which every device takes the same choice.
   * @throws InvalidInputError when no choice is available
   */
  explorable(state: State): Uint32Array {
    return this.answer('explorable', state, (view) => {
      const { probe, exploreBelow } = this.hyperparameters
      if (!view.isCold) return between(view, -Infinity, logit(exploreBelow))
      const unbroken = unlessEmpty(between(view, -Infinity, Infinity), () => view.open)
      if (!probe) return unbroken
      const { devices, choices } = this.problem
      // In mixed radix the decision (c, c, …, c) is c times this.
      const uniform = (choices.length ** devices - 1) / (choices.length - 1)
      return unlessEmpty(
        unbroken.filter((action) => action % uniform === 0),
        () => unbroken,
      )
    })
  }

  /** Decisions never tried whose probability of breaking the goal is within the window. */
  doubtful(state: State): Uint32Array {
    const { above, below } = this.hyperparameters.doubt
    return this.answer('doubtful', state, (view) => between(view, logit(above), logit(below)))
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

  restore(saved: LearnedConstraintState | undefined): void {
    if (!saved)
      throw new InvalidInputError('cannot restore: saved where broken goals were not learned')
    const { labels, fit, draw, random } = saved
    this.labels.restore(labels)
    this.fit = fit
    this.draw = draw
    this.random.restore(random)
    this.views.clear()
  }

  private answer(question: string, state: State, find: (view: View) => Uint32Array): Uint32Array {
    const view = this.view(state)
    const answer = view.answers.get(question) ?? find(view)
    view.answers.set(question, answer)
    return answer
  }

  private view(state: State): View {
    const key = `${state.goalPercent} ${state.available}`
    const view = this.views.get(key) ?? this.look(state)
    this.views.set(key, view)
    return view
  }

  private look({ goalPercent, ...state }: State): View {
    const labels = this.labels.at(goalPercent)
    const scores = this.head.scores(this.weightsFor(goalPercent, labels))
    let isCold = true
    for (const [action, label] of labels) {
      scores[action] = label === 'met' ? -Infinity : Infinity
      if (label === 'met' && this.isAvailable(action, state.available)) isCold = false
    }
    const open = this.available.indices({ ...state, goalPercent: 0 })
    return { open, scores, answers: new Map(), isCold }
  }

  private isAvailable(action: number, available: State['available']): boolean {
    return decisionOf(action, this.problem).every((choice, device) => available[device][choice])
  }

  /** A goal other than the one last observed is fitted from scratch, so that being asked about it changes nothing. */
  private weightsFor(goalPercent: number, labels: ReadonlyMap<number, Label>): Float64Array {
    if (this.fit?.goalPercent === goalPercent) return this.fit.weights
    return this.head.fit(labels)
  }

  /** One of lowest z, not known to break the goal if there is such a one. [1] */
  private likeliest(view: View): Uint32Array {
    const { open, scores } = view
    const lowest = open.reduce((least, action) => Math.min(least, scores[action]), Infinity)
    const tied = unlessEmpty(between(view, lowest, lowest + TIE), () => open)
    return Uint32Array.of(drawn(tied, this.draw))
  }
}

/** Available decisions with `from` ≤ z < `to`, ascending. */
function between({ open, scores }: View, from: number, to: number): Uint32Array {
  const found = new Uint32Array(open.length)
  let count = 0
  for (let i = 0; i < open.length; i++) {
    const action = open[i]
    const z = scores[action]
    if (z >= from && z < to) found[count++] = action
  }
  return found.slice(0, count)
}

function unlessEmpty(indices: Uint32Array, otherwise: () => Uint32Array): Uint32Array {
  return indices.length > 0 ? indices : otherwise()
}

function logit(probability: number): number {
  return Math.log(probability / (1 - probability))
}
