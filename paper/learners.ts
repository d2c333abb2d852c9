/** The learners of Tables VI and VII and of Figure 3: how each is trained, and what reports call it. */
import { isOwnAgent } from '../src/learning/agents/names.ts'
import type { TrainingSettings } from '../src/trial/training.ts'
import type { Run } from './experiment.ts'
import { valuesOf } from './runs.ts'

/** What makes a learner; the other settings of a training make its problem. */
type Settings = Pick<TrainingSettings, 'agent' | 'regime' | 'mode' | 'feedback' | 'overrides'>

/** One line of the tables. */
export interface Learner extends Settings {
  readonly name: string
  /** By number of users, none where it is not run: about twice the largest count expected, because the rule of convergence looks ahead. */
  readonly maxSteps: Readonly<Record<number, number>>
}

/**
 * Hybrid's own gradient updates per real step, those of System included: it makes 160 to 200 in an epoch of 5 to 9 real steps,
 * and over five users its runs of Table VI took 21 until they converged (median; 12 and 17 with three and four users).
 */
export const EQUAL_UPDATES = 20

/** Of hybrid in a quick run: shows convergence up to step 60. */
export const QUICK_HYBRID_STEPS = 560

/** Algorithm 1 in its default mode, from average response times, accuracies known. */
export const HYBRID: Learner = {
  name: 'hybrid (exact)',
  agent: 'hybrid',
  regime: 'exact',
  maxSteps: { 3: 1200, 4: 1200, 5: 1200 },
}

/** Hybrid that learns from every device's own response time. */
export const HYBRID_PER_DEVICE: Learner = {
  ...HYBRID,
  name: 'hybrid (exact, per device)',
  feedback: 'per-device',
}

/** In the paper's regime; shows convergence up to step 1,100. */
export const HYBRID_PENALTY: Learner = {
  ...HYBRID,
  name: 'hybrid (penalty)',
  regime: 'penalty',
  maxSteps: { 3: 1600, 4: 1600, 5: 1600 },
}

/** To see what becomes of the other modes, three users do. */
const HYBRID_REPAIRED: Learner = {
  ...HYBRID_PENALTY,
  name: 'hybrid repaired (penalty)',
  mode: 'repaired',
  maxSteps: { 3: 1500 },
}

/** Algorithm 1 as it is printed. */
export const HYBRID_LITERAL: Learner = {
  ...HYBRID_REPAIRED,
  name: 'hybrid literal (penalty)',
  mode: 'literal',
}

/** At one update per real step. */
export const DQN: Learner = {
  name: 'dqn (exact)',
  agent: 'dqn',
  regime: 'exact',
  maxSteps: { 3: 4000, 4: 6000, 5: 10_000 },
}

/** With about as many updates as hybrid makes. */
export const DQN_EQUAL_UPDATES: Learner = {
  ...DQN,
  name: `dqn (exact, ${EQUAL_UPDATES} updates)`,
  overrides: { updatesPerStep: EQUAL_UPDATES },
}

/** Learns the goal by the same head as hybrid. */
export const DQN_PENALTY: Learner = {
  ...DQN,
  name: 'dqn (penalty)',
  regime: 'penalty',
  maxSteps: { 3: 4000, 4: 6000, 5: 6000 },
}

const DQN_PENALTY_EQUAL_UPDATES: Learner = {
  ...DQN_PENALTY,
  name: `dqn (penalty, ${EQUAL_UPDATES} updates)`,
  overrides: { updatesPerStep: EQUAL_UPDATES },
}

/** A table that begins at zero, ε = 0.1: the best start known. */
export const Q_LEARNING: Learner = {
  name: 'q-learning (exact)',
  agent: 'q-learning',
  regime: 'exact',
  maxSteps: { 3: 5000, 4: 40_000, 5: 300_000 },
}

/** The paper's AutoScale, but for its exploration. */
export const Q_LEARNING_PENALTY: Learner = {
  ...Q_LEARNING,
  name: 'q-learning (penalty)',
  regime: 'penalty',
}

/** `UNIFORM_Q_LEARNING` of the hyperparameters, whose counts are the paper's. */
export const Q_LEARNING_UNIFORM: Learner = {
  ...Q_LEARNING_PENALTY,
  name: 'q-learning uniform (penalty)',
  overrides: { epsilon: 1 },
  maxSteps: { 3: 20_000, 4: 250_000, 5: 3_000_000 },
}

/** Linear Thompson sampling. */
export const BANDIT: Learner = { ...HYBRID, name: 'bandit (exact)', agent: 'bandit' }
const SUPERVISED: Learner = { ...BANDIT, name: 'supervised (exact)', agent: 'supervised' }

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

/** Somebody's own agent, with as many steps as dqn. */
export function entrantOf(agent: string): Learner {
  return { ...DQN, agent, name: `${agent} (exact)` }
}

/** Those that have runs, in the order of reports; own agents last. */
export function learnersOf(runs: readonly LearnerRun[]): Learner[] {
  const entrants = valuesOf(runs, 'agent').filter(isOwnAgent).map(entrantOf)
  return [...LEARNERS, ...entrants].filter((learner) => runsOf(runs, learner).length > 0)
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
export function settingsOf(learner: Learner): Settings {
  const { name: _, maxSteps: __, ...settings } = learner
  return settings
}

/** What is compared. */
export type Pair = readonly [baseline: Learner, hybrid: Learner]

/** Which ratios are drawn: a baseline, and hybrid in the same regime; q-learning, of the penalty, with hybrid in either. */
export const VERSUS_HYBRID: readonly Pair[] = [
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

/** `dqn (exact) ÷ hybrid (exact)` */
export function ratioName(...pair: Pair): string {
  return pair.map(({ name }) => name).join(' ÷ ')
}
