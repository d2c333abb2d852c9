/** Hybrid with one thing left out at a time, and the rivals that a critic would name. */
import { BANDIT, DQN, EQUAL_UPDATES, HYBRID, type Learner } from '../learners.ts'

interface Variant extends Omit<Learner, 'maxSteps'> {
  /** `part`: of hybrid, and missing here. `rival`: another agent. */
  readonly kind: 'part' | 'rival'
}

const SHARED = { agent: HYBRID.agent, regime: HYBRID.regime } as const
/** α = ½: neither rising nor at an end of its range. */
const FIXED_ALPHA = { 'alpha.first': 0.5, 'alpha.last': 0.5 }
/** Of hybrid's ε; its updates are `EQUAL_UPDATES`. */
const SAME_EXPLORATION = { 'epsilon.first': 0.05, 'epsilon.last': 0.005, 'epsilon.steps': 300 }

export const FULL = { ...SHARED, name: 'hybrid' } as const

/** In the order of the table. */
export const VARIANTS: readonly Variant[] = [
  part('no planning', { suggestSessions: 0, planSessions: 0 }),
  part('Q proposes', { 'ablation.policyProposes': 1 }),
  part('K = 1: one draw', { candidates: 1 }),
  part('α fixed', FIXED_ALPHA),
  part('no optimism', { spread: 0 }),
  part('no deep part', { 'ablation.withoutDeep': 1 }),
  part('greedy by System', { 'ablation.systemDecides': 1 }),
  {
    ...{ kind: 'rival', agent: BANDIT.agent, regime: BANDIT.regime },
    name: 'bandit, same features and prior',
  },
  {
    ...{ kind: 'rival', agent: DQN.agent, regime: DQN.regime },
    name: 'dqn, same ε and updates',
    overrides: { ...SAME_EXPLORATION, updatesPerStep: EQUAL_UPDATES },
  },
]

function part(name: string, overrides: Readonly<Record<string, number>>): Variant {
  return { ...SHARED, kind: 'part', name, overrides }
}
