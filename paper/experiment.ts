/**
 * What an experiment of the papers is: a sweep (what to run: trainings of the fleet's agents, agents judged at every step, or
 * scheduling policies on one node), and an analysis (what the runs say beside the paper's numbers). Experiments are data and arithmetic alone;
 * `tierwise reproduce` does the runs.
 */
import type { BeyondRun, FinishedBeyondRun } from './beyond/run.ts'
import type { FinishedSchedulingRun, SchedulingRun } from './request-scheduling/run.ts'

export type Scenario = 'A' | 'B' | 'C' | 'D'

/** How an agent meets the goal: decisions that break it are never taken, or it is learned from a penalty. */
export type Regime = 'exact' | 'penalty'

/** How `hybrid` plans: suggestions are tried for real, predicted, or as the paper's listing is printed. */
type Mode = 'verified' | 'repaired' | 'literal'

/** One training to run: the settings of `tierwise simulate`. */
export interface Run {
  readonly agent: string
  readonly regime: Regime
  /** How `hybrid` plans; `verified` by default. */
  readonly mode?: Mode
  /** What `hybrid` learns from; the average by default. */
  readonly feedback?: 'average' | 'per-device'
  /** Single hyperparameters in place of the agent's defaults, as after `--set`. */
  readonly overrides?: Readonly<Record<string, number>>
  /** What the agent learns first; what it then knows is carried over, and steps count anew. */
  readonly warmStart?: { readonly goal: number; readonly users: number; readonly steps: number }
  /** The only variants to choose among; `['d0']` is offloading without model selection. All by default. */
  readonly variants?: readonly string[]
  readonly scenario: Scenario
  readonly users: number
  /** Percent; 0 for none. */
  readonly goal: number
  readonly seed: number
  readonly maxSteps: number
  /** Real steps at which what has been learned is recorded. With them the run goes on to `maxSteps`; without, until it has converged. */
  readonly curveSteps?: readonly number[]
  /** The state moves by itself: chances per round that a link flips, a shared processor's load moves a level, a node turns busy or free. */
  readonly wander?: {
    readonly linkFlip: number
    readonly levelMove: number
    readonly busyFlip: number
  }
}

/** A training that has been run: one line of `runs.jsonl`. Counts and times run to the step of convergence, else to the end. */
export interface FinishedRun extends Omit<Run, 'mode'> {
  /** null: the agent has no modes. */
  readonly mode: Mode | null
  readonly converged: boolean
  readonly realSteps: number
  /** null: the run does not show that every check after some step is good. */
  readonly strictRealSteps: number | null
  readonly plannedSteps: number
  readonly updates: number
  readonly responseTimeMs: number
  readonly oracleResponseTimeMs: number
  readonly accuracyPercent: number
  readonly goalViolations: number
  readonly decisions: readonly string[]
  readonly experienceSeconds: number
  readonly computationSeconds: number
  /** Real steps taken, those that prove the convergence included. */
  readonly steps: number
  /** Noise-free average response time (ms) of the greedy decision at each of `curveSteps`; null where it breaks the goal. */
  readonly curveMs?: readonly (number | null)[]
  /** Of a run with `wander`: by how much decisions are slower than the optimum of their state, ms, noise-free, average of the steps. */
  readonly regret?: {
    /** Of the decisions taken, exploration included. */
    readonly regretMs: number
    /** Of the greedy decisions. */
    readonly policyRegretMs: number
    /** Of the second half of the steps. */
    readonly lateRegretMs: number
    readonly latePolicyRegretMs: number
    /** Steps of the second half whose greedy decision was good, percent. */
    readonly lateGoodPercent: number
    /** Response time of the optimum of every state met. */
    readonly optimumMs: number
    readonly statesMet: number
  }
  /** Of a run of `hybrid` with `wander`: its System Model on transitions of another seed. */
  readonly prediction?: {
    readonly transitions: number
    /** Of them, those whose state and decision never occurred together before. */
    readonly unseenPairs: number
    readonly responseTimeErrorPercent: number
    readonly unseenResponseTimeErrorPercent: number
    readonly measuredResponseTimeErrorPercent: number
    /** Nats per component of the state. */
    readonly nextStateCrossEntropy: number
    readonly persistenceCrossEntropy: number
    readonly nextStateAccuracyPercent: number
    readonly persistenceAccuracyPercent: number
  }
  /** Version of the code that ran it. */
  readonly commit: string
  readonly machine: string
}

export interface SweepOptions {
  /** Few cells: shows that everything works, and little else. */
  readonly quick: boolean
  /** Each cell is run with this many seeds. */
  readonly seeds: number
}

/** Seeds below 100 are for choosing hyperparameters, so no result is reported on them. */
const FIRST_SEED = 101

/** @returns shape [seeds] */
export function seedsOf({ seeds }: SweepOptions): number[] {
  return Array.from({ length: seeds }, (_, index) => FIRST_SEED + index)
}

/** One number of the paper beside ours. */
export interface Comparison {
  /** What is compared, with its unit; comparisons of one measure form a table. */
  readonly measure: string
  /** Which cell of the paper's table it is: `{ users: '5', goal: '85 %' }`. */
  readonly cell: Readonly<Record<string, string>>
  /** null: the paper has no such number. */
  readonly paper: number | null
  /** null: beyond what the runs can show. */
  readonly ours: number | null
  /** Bounds of the interval; null as above. */
  readonly low: number | null
  readonly high: number | null
  /** `lower` and `higher` judge nothing: the paper claims nothing of such a number. `undecided`: the interval has no bound. */
  readonly verdict:
    | 'reproduced'
    | 'better'
    | 'worse'
    | 'lower'
    | 'higher'
    | 'undecided'
    | 'not in the paper'
  readonly note: string
  /** To print; by default as many as the size of a number asks for. */
  readonly decimals?: number
}

/** A statement of the paper, or of ours, that the runs can bear out or not. */
export interface Claim {
  readonly claim: string
  /** The numbers it is judged by. */
  readonly measured: string
  readonly holds: boolean
}

export interface Chart {
  /** File name without extension. */
  readonly name: string
  readonly caption: string
  readonly svg: string
}

export interface Report {
  readonly title: string
  /** What was run, what the numbers and the intervals are, and when a verdict is which. */
  readonly method: readonly string[]
  /** The outcome in a sentence or two. */
  readonly summary: string
  /** Only those that the sweep can judge. */
  readonly claims: readonly Claim[]
  readonly comparisons: readonly Comparison[]
  readonly charts: readonly Chart[]
}

export type AnyRun = Run | SchedulingRun | BeyondRun
export type AnyFinishedRun = FinishedRun | FinishedSchedulingRun | FinishedBeyondRun

export interface Experiment {
  readonly name: string
  readonly title: string
  readonly defaultSeeds: { readonly full: number; readonly quick: number }
  /** Seeds outermost, so that a sweep that was broken off has something of every cell. */
  readonly sweep: (options: SweepOptions) => AnyRun[]
  /**
   * A method, so that each may ask for the kind of run of its own sweep: it gets no others.
   * @param uniform draws from [0, 1), for bootstrap intervals
   */
  analyse(runs: readonly AnyFinishedRun[], uniform: () => number): Report
}

/** The goals of Tables V and VI by the name the paper gives them; percent. */
export const GOALS = { Min: 0, '80 %': 80, '85 %': 85, '89 %': 89, Max: 89.9 } as const

/** @returns `Min`, `80 %`, …; a goal of one's own in percent */
export function goalName(goal: number): string {
  const known = Object.entries(GOALS).find(([, percent]) => percent === goal)
  return known?.[0] ?? `${goal} %`
}
