import { createOnnxEngine } from '../nn/onnx-engine.ts'
import { referenceEngine } from '../nn/reference-engine.ts'
import { describeAgent } from './agent.conformance.ts'
import { BanditAgent } from './bandit.ts'
import { DqnAgent } from './dqn.ts'
import { FixedAgent } from './fixed.ts'
import { BANDIT, DQN, HYBRID, Q_LEARNING, SUPERVISED } from './hyperparameters.ts'
import { OracleAgent } from './oracle.ts'
import {
  agreement,
  changingGoals,
  delayedCost,
  sharedEdge,
  stateDependentCost,
} from './probe-worlds.ts'
import { QLearningAgent } from './q-learning.ts'
import { SupervisedAgent } from './supervised.ts'

const engine = createOnnxEngine() ?? referenceEngine
const regime = 'exact'
/** Half the time per update, and less of the prior for what hardly depends on the state, which makes slow learners of the probes. */
const QUICK = { ...HYBRID, batchSize: 32, weightDecay: 0.15 }
const learner = { engine, meetsGoal: true, learns: true }

describeAgent({
  ...learner,
  name: 'dqn',
  create: ({ problem, discount }, seed, ownEngine) => {
    const changes = { discount, targetRefreshSteps: 20, updatesPerStep: 10 }
    const hyperparameters = { ...DQN, ...changes, network: QUICK }
    return new DqnAgent(problem, { seed, engine: ownEngine, regime, hyperparameters })
  },
  notApplicable: {},
})

describeAgent({
  ...learner,
  name: 'q-learning',
  create: ({ problem, discount }, seed) =>
    new QLearningAgent(problem, { seed, regime, hyperparameters: { ...Q_LEARNING, discount } }),
  notApplicable: {},
})

describeAgent({
  ...learner,
  name: 'q-learning of the penalty',
  meetsGoal: false,
  create: ({ problem }, seed) =>
    new QLearningAgent(problem, { seed, regime: 'penalty', hyperparameters: Q_LEARNING }),
  notApplicable: { [delayedCost.name]: 'here its discount is 0' },
})

describeAgent({
  ...learner,
  name: 'bandit',
  create: ({ problem }, seed) =>
    new BanditAgent(problem, { seed, regime, hyperparameters: BANDIT }),
  notApplicable: {
    [agreement.name]: 'devices meet only on shared tiers in its linear model',
    [delayedCost.name]: 'a bandit minimises the cost of the step itself',
  },
})

describeAgent({
  ...learner,
  name: 'supervised',
  create: ({ problem, steps }, seed, ownEngine) => {
    const hyperparameters = { ...SUPERVISED, exploreSteps: steps / 2, network: QUICK }
    return new SupervisedAgent(problem, { seed, engine: ownEngine, regime, hyperparameters })
  },
  notApplicable: { [delayedCost.name]: 'it predicts the cost of the step itself' },
})

const told = 'it does what it was told'
describeAgent({
  name: 'fixed',
  engine,
  meetsGoal: false,
  learns: false,
  create: ({ problem }) => new FixedAgent(problem, 'end/d0;end/d1'),
  notApplicable: {
    [stateDependentCost.name]: told,
    [sharedEdge.name]: told,
    [agreement.name]: told,
    [delayedCost.name]: told,
  },
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
