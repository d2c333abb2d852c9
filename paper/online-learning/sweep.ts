/** The Online Learning paper: choosing the model together with the place, against offloading alone with d0. */
import { SCENARIOS, type Scenario } from '../../src/fleet/scenarios.ts'
import type { TrainingSettings } from '../../src/trial/training.ts'
import { type SweepOptions, seedsOf } from '../experiment.ts'
import { GOALS } from '../goals.ts'
import {
  DQN,
  HYBRID,
  type Learner,
  Q_LEARNING,
  Q_LEARNING_PENALTY,
  settingsOf,
} from '../learners.ts'

/** In the penalty regime offloading alone is the same as in the exact one: d0 meets every goal. */
export const LEARNERS: readonly Learner[] = [Q_LEARNING, Q_LEARNING_PENALTY, DQN, HYBRID]

export const GOAL = GOALS['89 %']

/** Every request at the same place, always by d0, and the best decisions there are. */
export const STRATEGIES = {
  'device only': { agent: 'fixed:end/d0', goal: GOALS.Min },
  'edge only': { agent: 'fixed:edge/d0', goal: GOALS.Min },
  'cloud only': { agent: 'fixed:cloud/d0', goal: GOALS.Min },
  'offloading alone': { agent: 'oracle', goal: GOALS.Min, variants: ['d0'] },
  'models and places, 89 %': { agent: 'oracle', goal: GOAL },
} as const

/** What an agent has learned before, and for how many real steps: enough to converge there. */
export const WARM_STARTS = {
  'from 85 %': { goal: GOALS['85 %'], users: 5 },
  'from Max': { goal: GOALS.Max, users: 5 },
  'from four users': { goal: GOAL, users: 4 },
} as const
const WARM_STEPS: Readonly<Record<string, number>> = {
  hybrid: 500,
  dqn: 2500,
  'q-learning': 20_000,
}

const MAX_STEPS: Readonly<Record<string, number>> = {
  hybrid: 2000,
  dqn: 10_000,
  'q-learning': 300_000,
}

const FULL = { scenarios: SCENARIOS, learners: LEARNERS, users: [1, 2, 3, 4, 5] }
const QUICK = { scenarios: ['A'] as const, learners: [Q_LEARNING, DQN], users: [1, 5] }

export function sweep(options: SweepOptions): TrainingSettings[] {
  const { scenarios, learners, users } = options.quick ? QUICK : FULL
  return seedsOf(options).flatMap((seed, index) => [
    // Known decisions without noise: one seed says all.
    ...(index === 0 ? known(scenarios, users, seed) : []),
    ...learners.flatMap((learner) => [
      ...scenarios.flatMap((scenario) => learned(learner, { scenario, users: 5, seed })),
      ...users
        .filter((count) => count < 5 && learner.agent !== 'hybrid')
        .flatMap((count) => learned(learner, { scenario: 'A', users: count, seed })),
      ...(options.quick || learner.regime === 'penalty' ? [] : warmStarted(learner, seed)),
    ]),
  ])
}

type Place = Pick<TrainingSettings, 'scenario' | 'users' | 'seed'>

/** With and without model selection. */
function learned(learner: Learner, place: Place): TrainingSettings[] {
  const joint = { ...settingsOf(learner), ...place, goal: GOAL, maxSteps: stepsOf(learner) }
  if (learner.regime === 'penalty') return [joint]
  return [joint, { ...joint, goal: GOALS.Min, variants: ['d0'] }]
}

function warmStarted(learner: Learner, seed: number): TrainingSettings[] {
  return Object.values(WARM_STARTS).map((start) => ({
    ...settingsOf(learner),
    scenario: 'A',
    users: 5,
    goal: GOAL,
    seed,
    maxSteps: stepsOf(learner),
    warmStart: { ...start, steps: WARM_STEPS[learner.agent] ?? 0 },
  }))
}

function known(
  scenarios: readonly Scenario[],
  users: readonly number[],
  seed: number,
): TrainingSettings[] {
  return scenarios.flatMap((scenario) =>
    Object.values(STRATEGIES).flatMap((strategy) =>
      users.map((count) => ({
        ...strategy,
        regime: 'exact' as const,
        scenario,
        users: count,
        seed,
        maxSteps: 1,
      })),
    ),
  )
}

function stepsOf({ agent }: Learner): number {
  return MAX_STEPS[agent] ?? 0
}
