/**
 * Hindsight policy learning, the default trainer, for one worker: an exact dynamic programme looks back over each workload and
 * tells what every action was worth; the network learns which is best on average over the futures that look alike so far.
 * That average is the answer to what cannot be observed. Waiting is left out: who knows the next arrival waits too much.
 */
import { ConfigError } from '../errors.ts'
import type { Random } from '../random.ts'
import {
  createLearnedNetwork,
  type LearnedNetwork,
  networkShape,
} from '../scheduling/network/learned-network.ts'
import { initialParameters } from '../scheduling/network/shape.ts'
import { NetworkPolicy } from '../scheduling/policy/network.ts'
import { drawTrainingArrivals } from '../simulation/workload/training-mix.ts'
import { type AdvantageFeeds, advantageLoss } from './advantage-loss.ts'
import { labelTrace } from './hindsight-labels.ts'
import { SequenceBuffer, shuffledIndices } from './sequence-buffer.ts'
import { TrainedNetwork } from './trained-network.ts'
import { nodeScale, nodeShape, type TrainingNode, type TrainingProgress } from './training-node.ts'

export interface HindsightTrainingOptions {
  /** Feature vectors seen at once. Default: 1. */
  readonly frames?: number
  /** Recurrent units. Default: 0. */
  readonly recurrent?: number
  /** Units of each of two layers. Default: 64. */
  readonly hidden?: number
  readonly rounds?: number
  /** New workloads in each round. */
  readonly traces?: number
  /** Requests of each. */
  readonly requests?: number
  /** See `HindsightProblem`. Default: 0. */
  readonly violationPrice?: number
  /** Draws the arrivals of one training workload, about `requests` of them. Default: the training mix. */
  readonly draw?: (requests: number, random: Random) => Float64Array
}

const DEFAULTS = {
  frames: 1,
  recurrent: 0,
  hidden: 64,
  rounds: 15,
  traces: 20,
  requests: 1500,
  violationPrice: 0,
}
/** Decisions that recurrent units learn to remember across. */
const RECURRENT_STEPS = 16
const PRIOR_LOGIT = 3
/** Share of workloads on which uniform-fit decides. */
const RULE_SHARE = 0.2
const EPOCHS = 2
const BATCH_DECISIONS = 512
const ENTROPY = 0.002
const LEARNING_RATE = 2e-3
const BUFFER_DECISIONS = 400_000

/** Yields after every round and returns the network. Minutes of work for a generator: ask no more, and it ends. */
export function* trainByHindsight(
  node: TrainingNode,
  random: Random,
  given: HindsightTrainingOptions = {},
): Generator<TrainingProgress, LearnedNetwork> {
  if (node.workers !== 1) {
    throw new ConfigError(
      `hindsight training is for one worker, not ${node.workers}: train by roll-outs or policy optimisation`,
    )
  }
  const options = { ...DEFAULTS, ...given }
  const { rounds, frames, recurrent, hidden, violationPrice } = options
  const scale = nodeScale(node)
  const draw = given.draw ?? ((requests, random) => drawTrainingArrivals(requests, scale, random))
  const design = { node: nodeShape(node), deadlineMs: node.deadlineMs, frames, recurrent, hidden }
  const shape = networkShape(design)
  const steps = recurrent > 0 ? RECURRENT_STEPS : 1
  const sequences = BATCH_DECISIONS / steps
  const loss = advantageLoss({ shape, sequences, steps, entropy: ENTROPY })
  const trained = new TrainedNetwork(loss, initialParameters(shape, random.fork('parameters')))
  const learned = () =>
    createLearnedNetwork({
      ...design,
      trainedBy: 'hindsight',
      priorLogit: PRIOR_LOGIT,
      parameters: Array.from(trained.parameters),
    })
  let buffer: SequenceBuffer | undefined
  let decisions = 0
  for (let round = 0; round < rounds; round++) {
    const policy = new NetworkPolicy(learned())
    buffer ??= new SequenceBuffer(policy, BUFFER_DECISIONS, steps)
    const filled = buffer
    for (let trace = 0; trace < options.traces; trace++) {
      const arrivalsMs = draw(options.requests, random)
      const followRule = random.uniform() < RULE_SHARE
      filled.cut()
      labelTrace(arrivalsMs, node, policy, { followRule, violationPrice }, random, (state, a) => {
        filled.add(policy, state, a)
        decisions += 1
      })
    }
    const rates = { from: rateAt(round / rounds), to: rateAt((round + 1) / rounds) }
    const objective = train(trained, loss.feeds, filled, sequences, rates, random)
    yield { round: round + 1, rounds, decisions, objective }
  }
  return learned()
}

function rateAt(passed: number): number {
  return LEARNING_RATE * (1 - passed)
}

/** Some epochs over the buffer. @returns mean objective of the last */
function train(
  trained: TrainedNetwork,
  feeds: AdvantageFeeds,
  buffer: SequenceBuffer,
  sequences: number,
  rates: { readonly from: number; readonly to: number },
  random: Random,
): number {
  const batches = Math.floor(buffer.sequences / sequences)
  let sum = 0
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const order = shuffledIndices(buffer.sequences, random)
    sum = 0
    for (let batch = 0; batch < batches; batch++) {
      const passed = (epoch + batch / batches) / EPOCHS
      buffer.read(order.subarray(batch * sequences, (batch + 1) * sequences), feeds)
      sum += trained.step(rates.from + passed * (rates.to - rates.from))
    }
  }
  return sum / batches
}
