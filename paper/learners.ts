/** The learners of Tables VI and VII and of Figure 3: how each is trained, and what reports call it. */
import type { TrainingSettings } from '../src/trial/training.ts'
import type { Run } from './experiment.ts'

/** What makes a learner; the other settings of a training make its problem. */
type Settings = Pick<TrainingSettings, 'agent' | 'regime' | 'mode' | 'feedback' | 'overrides'>

export interface Learner extends Settings {
  readonly name: string
  /** By number of users, none where it is not run: about twice the largest count expected, because the rule of convergence looks ahead. */
  readonly maxSteps: Readonly<Record<number, number>>
  /** Fewer seeds than the sweep's, so that all of Table VI takes about half an hour: of what costs much or hardly differs by seed. */
  readonly mostSeeds?: number
}

/**
 * Hybrid's own gradient updates per real step, those of System included: it makes 160 to 200 in an epoch of 5 to 9 real steps,
 * and over five users its runs of Table VI took 21 until they converged (median; 12 and 17 with three and four users).
 */
export const EQUAL_UPDATES = 20

const HYBRID_STEPS = { 3: 3000, 4: 3000, 5: 3000 }
/** Twice the counts of the paper. */
const PENALTY_STEPS = { 3: 4000, 4: 8000, 5: 12_000 }
const DQN_STEPS = { 3: 4000, 4: 6000, 5: 10_000 }
const DQN_PENALTY_STEPS = { 3: 4000, 4: 6000, 5: 6000 }
const Q_LEARNING_STEPS = { 3: 5000, 4: 40_000, 5: 300_000 }

export const HYBRID = {
  name: 'hybrid (exact)',
  agent: 'hybrid',
  regime: 'exact',
  maxSteps: HYBRID_STEPS,
} as const satisfies Learner

export const HYBRID_PER_DEVICE = {
  ...HYBRID,
  name: 'hybrid (exact, per device)',
  feedback: 'per-device',
} as const satisfies Learner

export const HYBRID_PENALTY = {
  ...HYBRID,
  name: 'hybrid (penalty)',
  regime: 'penalty',
  maxSteps: PENALTY_STEPS,
} as const satisfies Learner

/** To see what becomes of the other modes, three users and three seeds do. */
const HYBRID_REPAIRED = {
  ...HYBRID_PENALTY,
  name: 'hybrid repaired (penalty)',
  mode: 'repaired',
  maxSteps: { 3: 4000 },
  mostSeeds: 3,
} as const satisfies Learner

export const HYBRID_LITERAL = {
  ...HYBRID_REPAIRED,
  name: 'hybrid literal (penalty)',
  mode: 'literal',
} as const satisfies Learner

export const DQN = {
  name: 'dqn (exact)',
  agent: 'dqn',
  regime: 'exact',
  maxSteps: DQN_STEPS,
} as const satisfies Learner

export const DQN_EQUAL_UPDATES = {
  ...DQN,
  name: `dqn (exact, ${EQUAL_UPDATES} updates)`,
  overrides: { updatesPerStep: EQUAL_UPDATES },
} as const satisfies Learner

export const DQN_PENALTY = {
  ...DQN,
  name: 'dqn (penalty)',
  regime: 'penalty',
  maxSteps: DQN_PENALTY_STEPS,
} as const satisfies Learner

const DQN_PENALTY_EQUAL_UPDATES = {
  ...DQN_EQUAL_UPDATES,
  name: `dqn (penalty, ${EQUAL_UPDATES} updates)`,
  regime: 'penalty',
  maxSteps: DQN_PENALTY_STEPS,
  mostSeeds: 3,
} as const satisfies Learner

export const Q_LEARNING = {
  name: 'q-learning (exact)',
  agent: 'q-learning',
  regime: 'exact',
  maxSteps: Q_LEARNING_STEPS,
} as const satisfies Learner

export const Q_LEARNING_PENALTY = {
  ...Q_LEARNING,
  name: 'q-learning (penalty)',
  regime: 'penalty',
} as const satisfies Learner

/** `UNIFORM_Q_LEARNING` of the hyperparameters, whose counts are the paper's. */
export const Q_LEARNING_UNIFORM = {
  ...Q_LEARNING_PENALTY,
  name: 'q-learning uniform (penalty)',
  overrides: { epsilon: 1 },
  maxSteps: { 3: 20_000, 4: 250_000, 5: 3_000_000 },
  mostSeeds: 5,
} as const satisfies Learner

export const BANDIT = {
  name: 'bandit (exact)',
  agent: 'bandit',
  regime: 'exact',
  maxSteps: HYBRID_STEPS,
  mostSeeds: 5,
} as const satisfies Learner

const SUPERVISED = {
  ...BANDIT,
  name: 'supervised (exact)',
  agent: 'supervised',
} as const satisfies Learner

/** In the order of reports. */
export const LEARNERS: readonly Learner[] = [
  HYBRID,
  HYBRID_PER_DEVICE,
  HYBRID_PENALTY,
  HYBRID_REPAIRED,
  HYBRID_LITERAL,
  DQN,
  DQN_EQUAL_UPDATES,
  DQN_PENALTY,
  DQN_PENALTY_EQUAL_UPDATES,
  Q_LEARNING,
  Q_LEARNING_PENALTY,
  Q_LEARNING_UNIFORM,
  BANDIT,
  SUPERVISED,
]

/** Those that have runs, in the order of reports. */
export function learnersOf(runs: readonly LearnerRun[]): Learner[] {
  return LEARNERS.filter((learner) => runsOf(runs, learner).length > 0)
}

type LearnerRun = Run<Settings & { readonly seed: number }>

/** Those of one learner. */
export function runsOf<R extends LearnerRun>(runs: readonly R[], learner: Settings): R[] {
  const own = identity(learner)
  return runs.filter(({ settings }) => identity(settings) === own)
}

/** What the settings come to, defaults filled in. */
function identity(settings: Settings): string {
  const { agent, regime, mode, feedback = 'average', overrides = {} } = settings
  const resolved = mode ?? (agent === 'hybrid' ? 'verified' : null)
  return JSON.stringify([agent, regime, resolved, feedback, overrides])
}

/** The settings of a learner as a training has them. */
export function settingsOf({
  name: _,
  maxSteps: __,
  mostSeeds: ___,
  ...settings
}: Learner): Settings {
  return settings
}

/** Which ratios are drawn: a baseline, and hybrid in the same regime; q-learning, of the penalty, with hybrid in either. */
export const VERSUS_HYBRID: readonly (readonly [baseline: Learner, hybrid: Learner])[] = [
  [DQN, HYBRID],
  [DQN_EQUAL_UPDATES, HYBRID],
  [Q_LEARNING, HYBRID],
  [Q_LEARNING_PENALTY, HYBRID],
  [Q_LEARNING_UNIFORM, HYBRID],
  [BANDIT, HYBRID],
  [SUPERVISED, HYBRID],
  [DQN_PENALTY, HYBRID_PENALTY],
  [DQN_PENALTY_EQUAL_UPDATES, HYBRID_PENALTY],
  [Q_LEARNING_PENALTY, HYBRID_PENALTY],
  [Q_LEARNING_UNIFORM, HYBRID_PENALTY],
]

export function ratioName(baseline: Learner, hybrid: Learner): string {
  return `${baseline.name} ÷ ${hybrid.name}`
}
