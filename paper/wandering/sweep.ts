/** Wandering state: hybrid and the baselines while links flip and background load moves, three users, scenario A. */
import { WANDER, type WanderingResult, type WanderingSettings } from '../../src/trial/wandering.ts'
import { type Run, type SweepOptions, seedsOf } from '../experiment.ts'
import { GOALS } from '../goals.ts'
import {
  DQN,
  EQUAL_UPDATES,
  HYBRID,
  HYBRID_PER_DEVICE,
  type Learner,
  Q_LEARNING,
  settingsOf,
} from '../learners.ts'

export type WanderingRun = Run<WanderingSettings, WanderingResult>

/** With hybrid's ε in place of a constant 0.2: what of its regret is exploration and what is not. */
export const DQN_FALLING: Learner = {
  ...DQN,
  name: 'dqn (exact, ε as hybrid’s)',
  overrides: { 'epsilon.first': 0.2, 'epsilon.last': 0.005, 'epsilon.steps': 300 },
}

/** Of those that take long and are not the main comparison. */
const FEW_SEEDS = 3

/** And with about as many updates as hybrid makes. */
export const DQN_EQUAL: Learner = {
  ...DQN_FALLING,
  name: `dqn (exact, ε as hybrid’s, ${EQUAL_UPDATES} updates)`,
  overrides: { ...DQN_FALLING.overrides, updatesPerStep: EQUAL_UPDATES },
  mostSeeds: FEW_SEEDS,
}

export const LEARNERS: readonly Learner[] = [
  HYBRID,
  { ...HYBRID_PER_DEVICE, mostSeeds: FEW_SEEDS },
  DQN,
  DQN_FALLING,
  DQN_EQUAL,
  Q_LEARNING,
]

export const STEPS = 5000

/** Those at which load decides who offloads; at lower goals one decision is the best in nearly every state. */
const FULL = { goals: [GOALS['89 %'], GOALS.Max], maxSteps: STEPS }
const QUICK = { goals: [GOALS['89 %']], maxSteps: 300 }

export function sweep(options: SweepOptions): WanderingSettings[] {
  const { goals, maxSteps } = options.quick ? QUICK : FULL
  return seedsOf(options).flatMap((seed, index) =>
    LEARNERS.filter(({ mostSeeds = options.seeds }) => index < mostSeeds).flatMap((learner) =>
      goals.map((goal) => ({
        ...settingsOf(learner),
        scenario: 'A' as const,
        users: 3,
        goal,
        seed,
        maxSteps,
        wander: WANDER,
      })),
    ),
  )
}
