/**
 * Proximal policy optimisation of a scheduling policy: nearest to what the request-scheduling paper's abstract says. It needs
 * no model and no hindsight, hence serves any number of workers, but learns from noise: what the future brought after an action.
 */
import { ConfigError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import { NetworkPolicy } from '../policies/network.ts'
import { ActorEnvironment, sample } from './actor-environment.ts'
import { Experience } from './experience.ts'
import { settleLead } from './lead.ts'
import { Forward } from './network/forward.ts'
import {
  createLearnedNetwork,
  type LearnedNetwork,
  networkShape,
} from './network/learned-network.ts'
import { initialParameters, parameterCount } from './network/shape.ts'
import { type PolicyGradientInput, policyGradientLoss } from './policy-gradient-loss.ts'
import { indicesUpTo } from './sequences.ts'
import { TrainedNetwork } from './trained-network.ts'
import {
  designFor,
  stepsOf,
  type Training,
  type TrainingNode,
  type TrainingOptions,
  workloadsOf,
} from './training-node.ts'

/** Of `trainByPolicyOptimisation`. */
export interface PolicyOptimisationOptions extends TrainingOptions {
  readonly environments?: number
  /** Decisions of each environment in a round; a multiple of 16 with recurrent units. */
  readonly length?: number
  /** Lead of uniform-fit's choice. */
  readonly priorLogit?: number
}

const DEFAULTS = {
  frames: 1,
  recurrent: 0,
  hidden: 64,
  rounds: 150,
  environments: 64,
  length: 128,
  requests: 3000,
  /** One that is large is never left again. */
  priorLogit: 0,
  violationPrice: 0,
}
const EPOCHS = 4
const BATCH_DECISIONS = 1024
const LEARNING_RATE = 1e-3
/** Longest gradient. */
const GRADIENT_NORM = 0.5
const ENTROPY = 0.01
/** Divergence from the acting policy at which a round ends early. */
const MOST_DIVERGENCE = 0.03

/** Yields after every round and returns the network, its lead settled. */
export function* trainByPolicyOptimisation(
  node: TrainingNode,
  random: Random,
  given: PolicyOptimisationOptions = {},
): Training {
  if (given.from) {
    throw new ConfigError(
      'policy optimisation cannot go on from a policy, whose critic is gone: train by hindsight or roll-outs',
    )
  }
  const options: Options = { ...DEFAULTS, ...given }
  const { rounds, environments, length } = options
  const learner = new ActorCritic(node, random, options)
  const draw = workloadsOf(node, options.draw)
  const worlds = Array.from({ length: environments }, (_, index) => {
    const stream = random.fork(`environment ${index}`)
    return new ActorEnvironment(node, options, () => draw(options.requests, stream), stream)
  })
  for (let round = 0; round < rounds; round++) {
    learner.collect(worlds)
    learner.learn(1 - round / rounds)
    const decisions = (round + 1) * environments * length
    const objective = learner.experience.meanReward
    yield { round: round + 1, rounds, decisions, objective }
  }
  return settleLead(learner.learned(), node, options, random.fork('lead'))
}

type Options = typeof DEFAULTS & TrainingOptions

class ActorCritic {
  readonly experience: Experience
  private readonly options: Options
  private readonly random: Random
  private readonly design: ReturnType<typeof designFor>
  private readonly trained: TrainedNetwork<PolicyGradientInput>
  private readonly criticShape
  private readonly actorSize: number
  private readonly batchSequences: number
  /** What each environment's policy remembers. */
  private readonly memories: unknown[]

  constructor(node: TrainingNode, random: Random, options: Options) {
    const { environments, length } = options
    this.options = options
    this.random = random
    this.design = designFor(node, options)
    const actor = networkShape(this.design)
    this.criticShape = { ...actor, recurrent: 0, actions: 1 }
    this.actorSize = parameterCount(actor)
    const steps = stepsOf(options)
    if (length % steps !== 0) {
      throw new ConfigError(`length ${length} is no multiple of ${steps}, the steps of a sequence`)
    }
    this.batchSequences = Math.min(BATCH_DECISIONS, environments * length) / steps
    const critic = this.criticShape
    const loss = policyGradientLoss({ actor, critic, sequences: this.batchSequences, steps })
    const parameters = new Float32Array(this.actorSize + parameterCount(critic))
    parameters.set(initialParameters(actor, random.fork('actor')))
    parameters.set(initialParameters(critic, random.fork('critic')), this.actorSize)
    this.trained = new TrainedNetwork(loss, GRADIENT_NORM, parameters)
    this.experience = new Experience(new NetworkPolicy(this.learned()), environments, length, steps)
    this.memories = new Array(environments).fill(undefined)
  }

  learned(): LearnedNetwork {
    return createLearnedNetwork({
      ...this.design,
      trainedBy: 'policy optimisation',
      priorLogit: this.options.priorLogit,
      parameters: Array.from(this.trained.parameters.subarray(0, this.actorSize)),
    })
  }

  /** Lets the policy act in all environments. Memory goes on from workload to workload, as on a node. */
  collect(worlds: readonly ActorEnvironment[]): void {
    const { length } = this.options
    const policy = new NetworkPolicy(this.learned())
    const critic = new Forward(this.criticShape, this.trained.parameters.subarray(this.actorSize))
    const none = new Float64Array(0)
    const expected = () => {
      critic.run(policy.input, none)
      return critic.logits[0]
    }
    const state = policy.state.slice()
    for (const [index, world] of worlds.entries()) {
      policy.restore(this.memories[index])
      for (let decision = 0; decision < length; decision++) {
        const row = index * length + decision
        state.set(policy.state)
        const { action, logProbability } = sample(policy, world.seen, this.random)
        const taken = { index: action.index, logProbability, value: expected() }
        this.experience.decided(row, policy, state, taken)
        this.experience.became(row, world.act(action))
      }
      this.memories[index] = policy.save()
      policy.see(world.seen)
      this.experience.finish(index, expected())
    }
  }

  /** @param left share of training that is to come */
  learn(left: number): void {
    const { trained, experience, batchSequences } = this
    trained.feeds.entropy[0] = ENTROPY * left
    const batches = Math.floor(experience.sequences / batchSequences)
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      const order = this.random.shuffle(indicesUpTo(experience.sequences))
      for (let batch = 0; batch < batches; batch++) {
        const chosen = order.subarray(batch * batchSequences, (batch + 1) * batchSequences)
        experience.read(chosen, trained.feeds)
        if (trained.step(LEARNING_RATE * left) > MOST_DIVERGENCE) return
      }
    }
  }
}
