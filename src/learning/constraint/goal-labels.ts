/** All labels, as plain data. */
export interface GoalLabelsState {
  /** In order of their first time. [labelled] */
  readonly actions: Uint32Array
  /** Highest goal met, percent; `LOWEST` if none. [labelled] */
  readonly met: Float64Array
  /** Lowest goal broken, percent; `HIGHEST` if none. [labelled] */
  readonly broken: Float64Array
}

/** Below and above every goal. Finite, as all that is saved. */
const LOWEST = -Number.MAX_VALUE
const HIGHEST = Number.MAX_VALUE

/** What became of a decision under a goal. */
export type Label = 'met' | 'broken'

interface Bounds {
  readonly met: number
  readonly broken: number
}

/** Decisions remembered; the one tried first goes first. Many more than a run to convergence tries. */
const MOST_DECISIONS = 20_000

/**
 * Which joint decisions met or broke which goals. Accuracy does not depend on the goal, so a decision that met one meets every
 * lower one, and a decision that broke one breaks every higher one: two numbers per decision hold all there is to know.
 */
export class GoalLabels {
  private bounds = new Map<number, Bounds>()

  /** @returns whether that was not known before */
  observe(action: number, goalPercent: number, label: Label): boolean {
    if (this.label(action, goalPercent) === label) return false
    const { met, broken } = this.bounds.get(action) ?? { met: LOWEST, broken: HIGHEST }
    // What contradicts the newest observation no longer holds: the accuracy has changed.
    const bounds =
      label === 'met'
        ? { met: goalPercent, broken: broken <= goalPercent ? HIGHEST : broken }
        : { met: met >= goalPercent ? LOWEST : met, broken: goalPercent }
    this.bounds.set(action, bounds)
    if (this.bounds.size > MOST_DECISIONS) {
      const [oldest] = this.bounds.keys()
      this.bounds.delete(oldest ?? -1)
    }
    return true
  }

  label(action: number, goalPercent: number): Label | undefined {
    const bounds = this.bounds.get(action)
    return bounds && labelOf(bounds, goalPercent)
  }

  /** All decisions with a label at this goal, in order of their first time. */
  at(goalPercent: number): Map<number, Label> {
    const labels = new Map<number, Label>()
    for (const [action, bounds] of this.bounds) {
      const label = labelOf(bounds, goalPercent)
      if (label) labels.set(action, label)
    }
    return labels
  }

  save(): GoalLabelsState {
    const bounds = [...this.bounds.values()]
    return {
      actions: Uint32Array.from(this.bounds.keys()),
      met: Float64Array.from(bounds, ({ met }) => met),
      broken: Float64Array.from(bounds, ({ broken }) => broken),
    }
  }

  restore({ actions, met, broken }: GoalLabelsState): void {
    this.bounds = new Map()
    for (const [i, action] of actions.entries()) {
      this.bounds.set(action, { met: met[i], broken: broken[i] })
    }
  }
}

function labelOf({ met, broken }: Bounds, goalPercent: number): Label | undefined {
  if (met >= goalPercent) return 'met'
  return broken <= goalPercent ? 'broken' : undefined
}
