/** Beyond the papers: which agents learn in which fleets, and what happens to them meanwhile. */
import { SCENARIOS } from '../../src/fleet/scenarios.ts'
import { combinations, type SweepOptions, seedsOf } from '../experiment.ts'
import { GOALS } from '../goals.ts'
import type {
  BeyondSettings,
  DriftEvent,
  DriftSettings,
  FleetKind,
  LearningSettings,
  MembershipSettings,
  Study,
  TrafficSettings,
} from './settings.ts'

const NOISE = 0.08
const ALL_GOALS: readonly number[] = Object.values(GOALS)
const HIGH_GOALS = [GOALS['85 %'], GOALS['89 %']]
/** So that the sweep takes less than an hour: seeds with 1,000 steps where 300 do for the others. */
const LONG_SEEDS = 3
const LONG_STEPS = 1000

/** An agent and how long it learns. */
export interface Rival extends Pick<LearningSettings, 'agent' | 'feedback'> {
  readonly name: string
  /** The rule of Table VI shows convergence up to 500 steps before the end, or half of them if that is less. */
  readonly steps: number
  readonly fleets?: readonly FleetKind[]
}

/** The agent that all studies are of. */
export const FACTORED = { name: 'factored', agent: 'factored', steps: 300 } as const
/** In the order of reports. */
export const LEARNERS: readonly Rival[] = [
  FACTORED,
  { name: 'hybrid', agent: 'hybrid', feedback: 'average', steps: 600, fleets: ['A', 'D'] },
  { name: 'dqn', agent: 'dqn', steps: 3000, fleets: ['A', 'D'] },
  { name: 'q-learning', agent: 'q-learning', steps: 230_000, fleets: ['A', 'D'] },
  { name: 'bandit', agent: 'bandit', steps: 800, fleets: ['A', 'D'] },
  { name: 'supervised', agent: 'supervised', steps: 800, fleets: ['A', 'D'] },
]

/** Fleets drawn at random, by size; a good decision must stay good for `horizon` steps, which most runs end with. */
interface Size {
  readonly users: number
  readonly horizon: number
  readonly goals: readonly number[]
}

const DRAWN = ['classes', 'unique'] as const
const SIZES: readonly Size[] = [
  { users: 5, horizon: 300, goals: ALL_GOALS },
  { users: 20, horizon: 200, goals: ALL_GOALS },
  { users: 100, horizon: 150, goals: ALL_GOALS },
  { users: 1000, horizon: 60, goals: HIGH_GOALS },
  { users: 10_000, horizon: 25, goals: [GOALS['85 %']] },
]

const SLOW_BY_3 = { share: 0.03, factor: 3 }
const SLOW_BY_10 = { share: 0.03, factor: 10 }
/** Without the rule against slow responses. */
const WITHOUT_RULE = { slowResponses: 0 }
const LOST = 0.1

/** With which the goal is to hold where accuracies are measured. */
export const CONFIDENCE = 0.95
const MEASURED_ON = 2000

/** Of drift. */
export const EVENTS: readonly DriftEvent[] = [
  { what: 'links', factor: 1 },
  { what: 'edge', factor: 2 },
  { what: 'edge', factor: 4 },
  { what: 'devices', factor: 2 },
  { what: 'devices', factor: 3 },
]
/** Without the rule against slow responses too: with it, what became slower for good would pass for a run of slow responses. */
const NEVER_FORGETS = { forget: 0, slowResponses: 0 }
interface Drifting {
  readonly users: number
  readonly goals: readonly number[]
  readonly events: readonly DriftEvent[]
}

const HARDEST: readonly DriftEvent[] = [
  { what: 'edge', factor: 4 },
  { what: 'devices', factor: 3 },
]
const DRIFTING: readonly Drifting[] = [
  { users: 5, goals: HIGH_GOALS, events: EVENTS },
  { users: 20, goals: [GOALS['89 %']], events: HARDEST },
]

/** What a quick sweep is cut down to. */
const QUICK_GOAL = GOALS['89 %']
const QUICK_LEARNERS: readonly string[] = ['factored', 'hybrid', 'bandit']
const QUICK_STEPS = 250

/** All studies, seed by seed. */
export function sweep(options: SweepOptions): BeyondSettings[] {
  const all = seedsOf(options).flatMap((seed, index) => [
    ...learners(seed, index),
    ...fleets(seed, index),
    ...slowResponses(seed),
    ...drift(seed),
    ...traffic(seed),
    ...accuracies(seed),
    ...membership(seed),
    ...delivery(seed),
  ])
  return options.quick ? all.filter(isQuick).map(shortened) : all
}

function isQuick(run: BeyondSettings): boolean {
  const { study, agent, feedback, fleet, users, goal } = run
  if (study === 'accuracies') return goal === GOALS['85 %']
  if (goal !== QUICK_GOAL || users > 20) return false
  if (study === 'learners') {
    return fleet === 'A' && feedback !== 'per-device' && QUICK_LEARNERS.includes(agent)
  }
  if (run.part === 'drift') return users === 5 && run.event.factor !== 3
  return fleet === 'classes' || fleet === 'D'
}

function shortened(run: BeyondSettings): BeyondSettings {
  return run.part === 'learning' ? { ...run, steps: Math.min(run.steps, QUICK_STEPS) } : run
}

/** A run of a study; by default of factored, with five users. */
function runOf<const Part extends BeyondSettings['part'], const Own extends object>(
  study: Study,
  part: Part,
  seed: number,
  own: Own,
) {
  return { study, part, agent: 'factored', noise: NOISE, seed, users: 5, ...own } as const
}

function learners(seed: number, index: number): LearningSettings[] {
  return LEARNERS.flatMap(({ agent, feedback, steps: usual, fleets = SCENARIOS }) => {
    const steps = agent === FACTORED.agent && index < LONG_SEEDS ? LONG_STEPS : usual
    return combinations({ fleet: fleets, goal: ALL_GOALS }).map((cell) =>
      runOf('learners', 'learning', seed, {
        agent,
        ...(feedback && { feedback }),
        ...cell,
        steps,
        horizon: 300,
      }),
    )
  })
}

function fleets(seed: number, index: number): LearningSettings[] {
  return SIZES.flatMap(({ users, goals, horizon }) => {
    const steps = users === 5 && index < LONG_SEEDS ? LONG_STEPS : horizon
    return combinations({ fleet: DRAWN, goal: goals }).map((cell) =>
      runOf('fleets', 'learning', seed, { users, ...cell, steps, horizon, checkedSteps: horizon }),
    )
  })
}

/** The clean case with the rule against slow responses is that of `fleets`; without it there is one here. */
function slowResponses(seed: number): LearningSettings[] {
  const change = [
    { slow: SLOW_BY_3 },
    { slow: SLOW_BY_10 },
    { lost: LOST },
    { overrides: WITHOUT_RULE },
  ]
  return combinations({ change, fleet: DRAWN, goal: ALL_GOALS }).map(({ change, ...cell }) =>
    runOf('slow responses', 'learning', seed, { ...change, ...cell, steps: 300, horizon: 300 }),
  )
}

/** An agent that never forgets, takes every response at its face value and sees no states is what the others are compared with. */
function drift(seed: number): DriftSettings[] {
  const agent = [
    { observed: false },
    { observed: true },
    { observed: false, overrides: NEVER_FORGETS },
  ]
  return DRIFTING.flatMap(({ users, goals, events }) =>
    combinations({ event: events, goal: goals, agent }).map(({ agent, ...cell }) =>
      runOf('drift', 'drift', seed, { ...agent, fleet: 'classes', users, ...cell, stepsEach: 120 }),
    ),
  )
}

function membership(seed: number): MembershipSettings[] {
  return combinations({ carriesOver: [true, false], goal: HIGH_GOALS }).map((cell) =>
    runOf('membership', 'membership', seed, {
      fleet: 'classes',
      users: 20,
      ...cell,
      stepsEach: 100,
    }),
  )
}

function traffic(seed: number): TrafficSettings[] {
  const change = [{}, { lost: LOST }]
  return combinations({ change, hears: ['answers', 'rounds'] }).map(({ change, hears }) =>
    runOf('traffic', 'traffic', seed, {
      hears,
      ...change,
      fleet: 'classes',
      goal: GOALS['89 %'],
      seconds: 200,
      pauseMs: 300,
    }),
  )
}

/** Told what was measured; an agent that wants the goal to hold with a confidence, and one that takes it for true. */
function accuracies(seed: number): LearningSettings[] {
  const careful = { 'accuracies.confidence': CONFIDENCE, 'accuracies.measuredOn': MEASURED_ON }
  const goal = [GOALS['80 %'], GOALS['85 %']]
  return combinations({ goal, agent: [{ overrides: careful }, {}] }).map(({ goal, agent }) =>
    runOf('accuracies', 'learning', seed, {
      ...agent,
      measuredOn: MEASURED_ON,
      fleet: 'classes',
      goal,
      steps: 300,
      horizon: 300,
    }),
  )
}

function delivery(seed: number): LearningSettings[] {
  const decisions = ['consulted', 'pushed'] as const
  return combinations({ fleet: SCENARIOS, goal: ALL_GOALS, decisions }).map((cell) =>
    runOf('delivery', 'learning', seed, { ...cell, steps: 150, horizon: 150 }),
  )
}
