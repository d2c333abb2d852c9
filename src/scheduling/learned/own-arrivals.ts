/** A policy from the arrivals that a node has recorded itself, going on from the one that it has. */
import { Random } from '../../random.ts'
import type { Ladder } from '../ladder.ts'
import { createTraining, defaultTrainer } from './create.ts'
import { mixtureOf, namedPart, tracePart, USUAL_MIX } from './mixture.ts'
import type { LearnedNetwork } from './network/learned-network.ts'
import { scaleOf, type Training, type TrainingOptions } from './training-node.ts'

/** What is to be learned, as plain values. */
export interface TrainingTask extends Pick<TrainingOptions, 'rounds' | 'requests'> {
  readonly ladder: Ladder
  readonly workers: number
  /** Of most requests. */
  readonly deadlineMs: number
  /** Ascending. */
  readonly arrivalsMs: Float64Array
  /** To go on from. Default: anew. */
  readonly from?: LearnedNetwork
  readonly seed: number
}

/** Half of what `schedule train` takes. */
const ROUNDS = 4
/** Own arrivals for one workload of the usual mix: what has not come lately may come again. */
const OWN_WEIGHT = 3

/** @throws ConfigError for a policy to go on from that is of another shape */
export function trainOnArrivals(task: TrainingTask): Training {
  const { ladder, workers, deadlineMs, arrivalsMs, from, seed, rounds = ROUNDS, requests } = task
  const node = { ladder, workers, deadlineMs }
  const draw = mixtureOf([
    { weight: OWN_WEIGHT, draw: tracePart(arrivalsMs, 'own arrivals') },
    { weight: 1, draw: namedPart(USUAL_MIX, scaleOf(node)) },
  ])
  const shape = from && { frames: from.frames, recurrent: from.recurrent, hidden: from.hidden }
  return createTraining(defaultTrainer(node), node, new Random(seed), {
    ...{ rounds, draw },
    ...(requests !== undefined && { requests }),
    ...(from && { ...shape, from }),
  })
}
