import {
  agreement,
  changingGoals,
  delayedCost,
  stateDependentCost,
} from '../../trial/conformance/probe-worlds.ts'
import { createOnnxEngine } from '../nn/onnx-engine.ts'
import { referenceEngine } from '../nn/reference-engine.ts'
import { type AgentUnderTest, describeAgent } from './agent.conformance.ts'
import { BanditAgent } from './baselines/bandit.ts'
import { DqnAgent } from './baselines/dqn.ts'
import { FixedAgent } from './baselines/fixed.ts'
import { OracleAgent } from './baselines/oracle.ts'
import { QLearningAgent } from './baselines/q-learning.ts'
import { SupervisedAgent } from './baselines/supervised.ts'
import { FactoredAgent } from './factored.ts'
import {
  BANDIT,
  DQN,
  FACTORED,
  HYBRID,
  type Hyperparameters,
  Q_LEARNING,
  SUPERVISED,
} from './hyperparameters.ts'
import type { Regime } from './regime.ts'

/** Probes have no noise, so a few rows make its posterior too sure: of 40 seeds the default settles wrongly in 8 to 14 here. */
const CURIOUS_BANDIT = { ...BANDIT, exploration: 3 }

const engine = createOnnxEngine() ?? referenceEngine
/** Half the time per update, and less of the prior for what hardly depends on the state, which makes slow learners of the probes. */
const QUICK = { ...HYBRID, batchSize: 32, weightDecay: 0.15 }
const learner = { engine, meetsGoal: true, learns: true }

/** In the regime of the penalty a decision may break the goal. */
const ofPenalty = { ...learner, meetsGoal: false }
function dqnOf(regime: Regime, network: Hyperparameters): AgentUnderTest['create'] {
  return ({ problem, discount }, seed, ownEngine) => {
    const changes = { discount, targetRefreshSteps: 20, updatesPerStep: 10 }
    const hyperparameters = { ...DQN, ...changes, network }
    return new DqnAgent(problem, { seed, engine: ownEngine, regime, hyperparameters })
  }
}

describeAgent({ ...learner, name: 'dqn', create: dqnOf('exact', QUICK), notApplicable: {} })

describeAgent({
  ...ofPenalty,
  name: 'dqn of the penalty',
  create: dqnOf('penalty', { ...QUICK, hidden: 32, batchSize: 16 }),
  notApplicable: {
    [stateDependentCost.name]: 'as in the exact regime: no goal is set, so no penalty is met',
  },
})

for (const regime of ['exact', 'penalty'] as const) {
  const suffix = regime === 'exact' ? '' : ' of the penalty'
  const subject = regime === 'exact' ? learner : ofPenalty

  describeAgent({
    ...subject,
    name: `q-learning${suffix}`,
    create: ({ problem, discount }, seed) =>
      new QLearningAgent(problem, { seed, regime, hyperparameters: { ...Q_LEARNING, discount } }),
    notApplicable: {},
  })

  describeAgent({
    ...subject,
    name: `bandit${suffix}`,
    create: ({ problem }, seed) =>
      new BanditAgent(problem, { seed, regime, hyperparameters: CURIOUS_BANDIT }),
    notApplicable: {
      [agreement.name]: 'devices meet only on shared tiers in its linear model',
      [delayedCost.name]: 'a bandit minimises the cost of the step itself',
    },
  })

  describeAgent({
    ...subject,
    name: `supervised${suffix}`,
    create: ({ problem, steps }, seed, ownEngine) => {
      const hyperparameters = { ...SUPERVISED, exploreSteps: steps / 2, network: QUICK }
      return new SupervisedAgent(problem, { seed, engine: ownEngine, regime, hyperparameters })
    },
    notApplicable: { [delayedCost.name]: 'it predicts the cost of the step itself' },
  })
}

describeAgent({
  ...learner,
  name: 'factored',
  create: ({ problem }, seed) => new FactoredAgent(problem, { seed, hyperparameters: FACTORED }),
  notApplicable: {
    [agreement.name]: 'devices meet only on shared nodes in its model',
    [delayedCost.name]: 'it minimises the response time of the step itself',
  },
})

describeAgent({
  name: 'fixed',
  engine,
  meetsGoal: false,
  learns: false,
  solves: false,
  create: ({ problem }) => new FixedAgent(problem, 'end/d0;end/d1'),
  notApplicable: {},
})

describeAgent({
  name: 'oracle',
  engine,
  meetsGoal: true,
  learns: false,
  create: ({ problem, profile }) =>
    new OracleAgent(problem, profile ?? changingGoals.profile ?? { responseTimesMs: {} }),
  notApplicable: {
    [stateDependentCost.name]: 'a profile holds one state',
    [agreement.name]: 'a profile holds no such coupling',
    [delayedCost.name]: 'it minimises the response time of the step itself',
  },
})
