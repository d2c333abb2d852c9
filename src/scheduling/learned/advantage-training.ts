/**
 * Learning from a teacher who knows the future, by averaging over the futures that look alike so far. That average is the answer
 * to what cannot be observed. Waiting is left out: who knows the next arrival waits too much.
 */
import { ConfigError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import { NetworkPolicy } from '../policies/network.ts'
import { AdvantageLearner } from './advantage-learner.ts'
import { HindsightTeacher } from './hindsight-teacher.ts'
import { settleLead } from './lead.ts'
import { RollOutTeacher } from './roll-out-teacher.ts'
import { labelTrace, type Teacher } from './teacher.ts'
import {
  knowledgeOf,
  type Training,
  type TrainingNode,
  type TrainingOptions,
  workloadsOf,
} from './training-node.ts'

/** Of `trainByHindsight` and `trainByRollOuts`. */
export interface AdvantageTrainingOptions extends TrainingOptions {
  /** New labelled decisions in each round, at least. */
  readonly decisions?: number
  /** Training steps in each round. */
  readonly steps?: number
}

const DEFAULTS = {
  frames: 1,
  recurrent: 0,
  hidden: 64,
  rounds: 8,
  decisions: 24_000,
  steps: 800,
  /** For each worker and unit of the load factor. */
  requests: 1500,
  violationPrice: 0,
}
/** Trying every action out takes longer than looking it up: fewer decisions, but of as many workloads. */
const ROLL_OUT_DEFAULTS = { ...DEFAULTS, decisions: 3300 }
/** Of one worker; more make as many more decisions in a workload. */
const ROLL_OUT_SHARE = 0.25
/** Share of workloads on which uniform-fit decides. */
const RULE_SHARE = 0.2

/**
 * The default trainer, for one worker: an exact dynamic programme looks back over each workload. Yields after every round and
 * returns the network, its lead settled.
 * @throws ConfigError for more workers
 */
export function trainByHindsight(
  node: TrainingNode,
  random: Random,
  given: AdvantageTrainingOptions = {},
): Training {
  if (node.workers !== 1) {
    throw new ConfigError(
      `hindsight training is for one worker, not ${node.workers}: train by roll-outs or policy optimisation`,
    )
  }
  const options = { ...DEFAULTS, ...given }
  const teacherOf = (arrivalsMs: Float64Array) =>
    new HindsightTeacher(arrivalsMs, node, options.violationPrice)
  return train(node, random, options, { name: 'hindsight', share: 1, teacherOf })
}

/** For any number of workers: every action is tried out, uniform-fit deciding from then on. */
export function trainByRollOuts(
  node: TrainingNode,
  random: Random,
  given: AdvantageTrainingOptions = {},
): Training {
  const options = { ...ROLL_OUT_DEFAULTS, ...given }
  const teacherOf = (arrivalsMs: Float64Array) =>
    new RollOutTeacher(arrivalsMs, node, options.violationPrice)
  // Recurrent units learn from unbroken sequences.
  const share = options.recurrent > 0 ? 1 : ROLL_OUT_SHARE / node.workers
  return train(node, random, options, { name: 'roll-outs', share, teacherOf })
}

interface Teaching {
  readonly name: string
  readonly share: number
  readonly teacherOf: (arrivalsMs: Float64Array) => Teacher
}

function* train(
  node: TrainingNode,
  random: Random,
  options: typeof DEFAULTS & Pick<AdvantageTrainingOptions, 'draw' | 'rateKnowledge' | 'from'>,
  { name, share, teacherOf }: Teaching,
): Training {
  const { rounds, steps, violationPrice } = options
  // As long a time for every node, many deadlines at the highest load.
  const requests = options.requests * node.workers * (node.loadFactor ?? 1)
  const draw = workloadsOf(node, options.draw)
  const learner = new AdvantageLearner(node, name, options, random)
  for (let round = 0; round < rounds; round++) {
    const policy = new NetworkPolicy(learner.learned())
    const enough = (round + 1) * options.decisions
    while (learner.decisions < enough) {
      const workload = draw(requests, random)
      const { arrivalsMs } = workload
      if (arrivalsMs.length === 0) continue
      const followRule = random.uniform() < RULE_SHARE
      const teacher = teacherOf(arrivalsMs)
      const knowledge = knowledgeOf(workload, options.rateKnowledge)
      const labelling = { followRule, share, violationPrice, ...knowledge }
      learner.cut()
      labelTrace(arrivalsMs, node, policy, teacher, labelling, random, (state, a) =>
        learner.add(policy, state, a),
      )
    }
    const objective = learner.learn(steps, round / rounds, (round + 1) / rounds)
    yield { round: round + 1, rounds, decisions: learner.decisions, objective }
  }
  return settleLead(learner.learned(), node, options, random.fork('lead'))
}
