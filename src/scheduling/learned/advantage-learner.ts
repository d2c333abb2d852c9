import type { Random } from '../../random.ts'
import { NetworkPolicy } from '../policies/network.ts'
import { type AdvantageInput, advantageLoss } from './advantage-loss.ts'
import {
  createLearnedNetwork,
  type LearnedNetwork,
  networkShape,
} from './network/learned-network.ts'
import { initialParameters } from './network/shape.ts'
import { SequenceBuffer } from './sequence-buffer.ts'
import { indicesUpTo } from './sequences.ts'
import { TrainedNetwork } from './trained-network.ts'
import {
  designFor,
  type NetworkDesign,
  parametersFrom,
  stepsOf,
  type TrainingNode,
  type TrainingOptions,
} from './training-node.ts'

const PRIOR_LOGIT = 3
const BATCH_DECISIONS = 512
const ENTROPY = 0.002
const LEARNING_RATE = 2e-3
/** Longest gradient. */
const GRADIENT_NORM = 10
const BUFFER_DECISIONS = 400_000

/** Keeps decisions whose every action has a known advantage, whoever knows it, and trains a network on them. */
export class AdvantageLearner {
  /** Learned from so far. */
  decisions = 0
  private readonly trainedBy: string
  private readonly random: Random
  private readonly design: ReturnType<typeof designFor>
  private readonly sequences: number
  private readonly trained: TrainedNetwork<AdvantageInput>
  private readonly buffer: SequenceBuffer
  private order: Uint32Array = new Uint32Array(0)
  private used = 0

  /** @param from see `TrainingOptions` */
  constructor(
    node: TrainingNode,
    trainedBy: string,
    design: NetworkDesign & Pick<TrainingOptions, 'from'>,
    random: Random,
  ) {
    this.trainedBy = trainedBy
    this.random = random
    this.design = designFor(node, design)
    const shape = networkShape(this.design)
    const steps = stepsOf(design)
    this.sequences = BATCH_DECISIONS / steps
    const loss = advantageLoss({ shape, sequences: this.sequences, steps, entropy: ENTROPY })
    const parameters = design.from
      ? parametersFrom(design.from, this.design)
      : initialParameters(shape, random.fork('parameters'))
    this.trained = new TrainedNetwork(loss, GRADIENT_NORM, parameters)
    this.buffer = new SequenceBuffer(new NetworkPolicy(this.learned()), BUFFER_DECISIONS, steps)
  }

  learned(): LearnedNetwork {
    return createLearnedNetwork({
      ...this.design,
      trainedBy: this.trainedBy,
      priorLogit: PRIOR_LOGIT,
      parameters: Array.from(this.trained.parameters),
    })
  }

  /** What comes next does not follow on what came last. */
  cut(): void {
    this.buffer.cut()
  }

  /** The decision that the policy has just seen; see `SequenceBuffer.add`. */
  add(policy: NetworkPolicy, state: Float64Array, advantages: Float64Array): void {
    this.buffer.add(policy, state, advantages)
    this.decisions += 1
  }

  /**
   * @param from share of training that has passed before …
   * @param to … and after: the learning rate falls to 0 at 1
   * @returns mean objective, in answers of the most accurate variant relative to the best actions; NaN before there is a batch
   */
  learn(steps: number, from: number, to: number): number {
    this.order = new Uint32Array(0)
    this.used = 0
    if (this.buffer.sequences < this.sequences) return Number.NaN
    let sum = 0
    for (let step = 0; step < steps; step++) {
      this.buffer.read(this.nextBatch(), this.trained.feeds)
      const passed = from + (step / steps) * (to - from)
      sum += this.trained.step(LEARNING_RATE * (1 - passed))
    }
    return sum / steps
  }

  /** Every sequence once, then again in another order. */
  private nextBatch(): Uint32Array {
    if (this.used + this.sequences > this.order.length) {
      this.order = this.random.shuffle(indicesUpTo(this.buffer.sequences))
      this.used = 0
    }
    const batch = this.order.subarray(this.used, this.used + this.sequences)
    this.used += this.sequences
    return batch
  }
}
