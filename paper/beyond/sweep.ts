/** Beyond the papers: which agents learn in which fleets, and what happens to them meanwhile. */
import { type SweepOptions, seedsOf } from '../experiment.ts'
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
/** So that the sweep takes less than an hour: seeds with 1,000 steps where 300 do for the others, and seeds of what hardly differs by seed. */
const LONG_SEEDS = 3
const LONG_STEPS = 1000
const FEW_SEEDS = 5
const SOME_SEEDS = 10

export interface Learner extends Pick<LearningSettings, 'agent' | 'feedback'> {
  readonly name: string
  /** The rule of Table VI shows convergence up to 500 steps before the end, or half of them if that is less. */
  readonly steps: number
  /** Of those that take long. */
  readonly mostSeeds?: number
  readonly fleets?: readonly FleetKind[]
}

export const FACTORED = { name: 'factored', agent: 'factored', steps: 300 } as const
/** In the order of reports. */
export const LEARNERS: readonly Learner[] = [
  FACTORED,
  { name: 'hybrid', agent: 'hybrid', feedback: 'average', steps: 800, mostSeeds: 2 },
  {
    name: 'hybrid per device',
    agent: 'hybrid',
    feedback: 'per-device',
    steps: 800,
    mostSeeds: 2,
    fleets: ['A', 'D'],
  },
  { name: 'dqn', agent: 'dqn', steps: 3000, mostSeeds: 3, fleets: ['A', 'D'] },
  { name: 'q-learning', agent: 'q-learning', steps: 230_000, mostSeeds: 5, fleets: ['A', 'D'] },
  { name: 'bandit', agent: 'bandit', steps: 800, mostSeeds: 5, fleets: ['A', 'D'] },
  { name: 'supervised', agent: 'supervised', steps: 800, mostSeeds: 3, fleets: ['A', 'D'] },
]

/** Of fleets drawn at random: devices, steps, steps for which a good decision must stay good, goals and seeds. */
interface Size {
  readonly users: number
  readonly steps: number
  readonly horizon: number
  readonly goals: readonly number[]
  readonly mostSeeds?: number
}

const SIZES: readonly Size[] = [
  { users: 5, steps: 300, horizon: 300, goals: ALL_GOALS },
  { users: 20, steps: 200, horizon: 200, goals: ALL_GOALS },
  { users: 100, steps: 150, horizon: 150, goals: ALL_GOALS },
  {
    users: 1000,
    steps: 60,
    horizon: 60,
    goals: [GOALS['85 %'], GOALS['89 %']],
    mostSeeds: 4,
  },
  { users: 10_000, steps: 25, horizon: 25, goals: [GOALS['85 %']], mostSeeds: 1 },
]

const SLOW_BY_3 = { share: 0.03, factor: 3 }
const SLOW_BY_10 = { share: 0.03, factor: 10 }
/** Without the rule against slow responses. */
const WITHOUT_RULE = { slowResponses: 0 }
const LOST = 0.1

export const CONFIDENCE = 0.95
const MEASURED_ON = 2000

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
  readonly mostSeeds?: number
}

const DRIFTING: readonly Drifting[] = [
  { users: 5, goals: HIGH_GOALS, events: EVENTS },
  {
    users: 20,
    goals: [GOALS['89 %']],
    events: [
      { what: 'edge', factor: 4 },
      { what: 'devices', factor: 3 },
    ],
    mostSeeds: SOME_SEEDS,
  },
]

/** What a quick sweep is cut down to. */
const QUICK_GOAL = GOALS['89 %']
const QUICK_LEARNERS: readonly string[] = ['factored', 'hybrid', 'bandit']
const QUICK_STEPS = 250

export function sweep(options: SweepOptions): BeyondSettings[] {
  const all = seedsOf(options).flatMap((seed, index) => [
    ...learners(seed, index),
    ...fleets(seed, index),
    ...slowResponses(seed),
    ...drift(seed, index),
    ...traffic(seed),
    ...accuracies(seed),
    ...(index < SOME_SEEDS ? membership(seed) : []),
    ...(index < FEW_SEEDS ? delivery(seed) : []),
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

function settings(study: Study, seed: number) {
  return { study, agent: 'factored', noise: NOISE, seed } as const
}

function learners(seed: number, index: number): LearningSettings[] {
  return LEARNERS.filter(({ mostSeeds = index + 1 }) => index < mostSeeds).flatMap(
    ({ agent, feedback, steps, fleets = ['A', 'B', 'C', 'D'] }) =>
      fleets.flatMap((fleet) =>
        ALL_GOALS.map((goal) => ({
          ...settings('learners', seed),
          part: 'learning' as const,
          agent,
          ...(feedback && { feedback }),
          fleet,
          users: 5,
          goal,
          steps: agent === FACTORED.agent && index < LONG_SEEDS ? LONG_STEPS : steps,
          horizon: 300,
        })),
      ),
  )
}

function fleets(seed: number, index: number): LearningSettings[] {
  return SIZES.filter(({ mostSeeds = index + 1 }) => index < mostSeeds).flatMap(
    ({ users, goals, steps, horizon }) =>
      (['classes', 'unique'] as const).flatMap((fleet) =>
        goals.map((goal) => ({
          ...settings('fleets', seed),
          part: 'learning' as const,
          fleet,
          users,
          goal,
          steps: users === 5 && index < LONG_SEEDS ? LONG_STEPS : steps,
          horizon,
          checkedSteps: horizon,
        })),
      ),
  )
}

/** The clean case with the rule against slow responses is that of `fleets`; without it there is one here. */
function slowResponses(seed: number): LearningSettings[] {
  const cases = [
    { slow: SLOW_BY_3 },
    { slow: SLOW_BY_10 },
    { lost: LOST },
    { overrides: WITHOUT_RULE },
  ]
  return cases.flatMap((change) =>
    (['classes', 'unique'] as const).flatMap((fleet) =>
      ALL_GOALS.map((goal) => ({
        ...settings('slow responses', seed),
        part: 'learning' as const,
        ...change,
        fleet,
        users: 5,
        goal,
        steps: 300,
        horizon: 300,
      })),
    ),
  )
}

/** An agent that never forgets, takes every response at its face value and sees no states is what the others are compared with. */
function drift(seed: number, index: number): DriftSettings[] {
  const agents = [
    { observed: false },
    { observed: true },
    { observed: false, overrides: NEVER_FORGETS },
  ]
  return DRIFTING.filter(({ mostSeeds = index + 1 }) => index < mostSeeds).flatMap(
    ({ users, goals, events }) =>
      events.flatMap((event) =>
        goals.flatMap((goal) =>
          agents.map((agent) => ({
            ...settings('drift', seed),
            part: 'drift' as const,
            ...agent,
            fleet: 'classes' as const,
            users,
            goal,
            stepsEach: 120,
            event,
          })),
        ),
      ),
  )
}

function membership(seed: number): MembershipSettings[] {
  return [true, false].flatMap((carriesOver) =>
    HIGH_GOALS.map((goal) => ({
      ...settings('membership', seed),
      part: 'membership' as const,
      fleet: 'classes' as const,
      users: 20,
      goal,
      stepsEach: 100,
      carriesOver,
    })),
  )
}

function traffic(seed: number): TrafficSettings[] {
  const cases = [{}, { lost: LOST }]
  return cases.flatMap((change) =>
    (['answers', 'rounds'] as const).map((hears) => ({
      ...settings('traffic', seed),
      part: 'traffic' as const,
      hears,
      ...change,
      fleet: 'classes' as const,
      users: 5,
      goal: GOALS['89 %'],
      seconds: 200,
      pauseMs: 300,
    })),
  )
}

/** Told what was measured; an agent that wants the goal to hold with a confidence, and one that takes it for true. */
function accuracies(seed: number): LearningSettings[] {
  const agents = [
    {
      overrides: {
        'accuracies.confidence': CONFIDENCE,
        'accuracies.measuredOn': MEASURED_ON,
      },
    },
    {},
  ]
  return [GOALS['80 %'], GOALS['85 %']].flatMap((goal) =>
    agents.map((agent) => ({
      ...settings('accuracies', seed),
      part: 'learning' as const,
      ...agent,
      measuredOn: MEASURED_ON,
      fleet: 'classes' as const,
      users: 5,
      goal,
      steps: 300,
      horizon: 300,
    })),
  )
}

function delivery(seed: number): LearningSettings[] {
  return (['A', 'B', 'C', 'D'] as const).flatMap((fleet) =>
    ALL_GOALS.flatMap((goal) =>
      (['consulted', 'pushed'] as const).map((decisions) => ({
        ...settings('delivery', seed),
        part: 'learning' as const,
        decisions,
        fleet,
        users: 5,
        goal,
        steps: 150,
        horizon: 150,
      })),
    ),
  )
}
