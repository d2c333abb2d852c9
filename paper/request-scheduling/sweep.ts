/**
 * Request scheduling: every policy on every node; knowing the arrival rate, or not; wrong profiles.
 * All of it takes an estimated 90 minutes of processor time: rules and what is solved 55, learned policies 23, the bound 12.
 */
import { WINDOW_SCENARIOS } from '../../src/simulation/workload/scenario-arrivals.ts'
import { SCENARIOS } from '../../src/simulation/workload/scenarios.ts'
import { type SweepOptions, seedsOf } from '../experiment.ts'
import {
  BEST_FIXED,
  BOUND,
  MEAN_RATE,
  type SchedulingNode,
  type SchedulingSettings,
  TRUE_RATE,
  type Training,
} from './settings.ts'

/** All that policies are tested on: ours, and the published windows by name. */
export const WORKLOADS = [...SCENARIOS, ...WINDOW_SCENARIOS]

/** In services of the largest variant. */
const DEADLINES = [1.5, 2, 4] as const
/** Where nodes of several workers are run, and variations of what is learned. */
const USUAL_DEADLINE = 2

/** Policies as published, in essence. Always to answer with the largest variant is among the fixed ones. */
export const PUBLISHED: readonly string[] = [
  'smallest',
  'model-switching',
  'jellyfish',
  'slack-fit',
  'edf-largest-feasible',
  'edf-quickest-first',
]
/** The rules: the one before, and the one that is built in. */
const RULES: readonly string[] = ['uniform-fit-drop', 'anticipating-fit']
/** Solved for one ladder, without batches and not in a quick sweep: it takes some seconds for each node. */
const SOLVED: readonly string[] = ['adaptive-smdp', MEAN_RATE, TRUE_RATE]

/** Learned, for one worker. */
export const HINDSIGHT = 'learned-hindsight'
/** Learned, for several workers. */
export const ROLL_OUTS = 'learned-roll-outs'
/** Learned without a prior. */
export const POLICY_OPTIMISATION = 'learned-ppo'

/** What a policy is learned with, but for the seed. */
type Learned = Omit<Training, 'seed'>

/** What a network may remember beyond the averages of the arrival rate, or know of it, on one node. */
export const KNOWLEDGE: Readonly<Record<string, Learned>> = {
  'learned-no-history': { trainer: 'hindsight', rateKnowledge: 'none' },
  'learned-stacked': { trainer: 'hindsight', frames: 4 },
  'learned-recurrent': { trainer: 'hindsight', recurrent: 16 },
  'learned-true-rate': { trainer: 'hindsight', rateKnowledge: 'true' },
}
/** What a violation costs in learning, on the same node; learned-hindsight pays nothing. */
export const PRICED: Readonly<Record<string, Learned>> = Object.fromEntries(
  [1, 4].map((violationPrice) => [
    `learned-price-${violationPrice}`,
    { trainer: 'hindsight', violationPrice },
  ]),
)

/** No policy is tested with them: test seeds are 101 and those that follow, up to 1,100. */
export const TRAINING_SEEDS: readonly number[] = [2001, 2002, 2003]
/** Of what takes long: the first ones, so many as tell how much chance there is in it. */
const FEW_SEEDS = 3

/** True service times ÷ profiled where the profile is wrong. */
export const SLOWER = 1.2
const WRONG = [false, true].map((recalibrate) => ({ slowdown: SLOWER, recalibrate }))
const RIGHT = { slowdown: 1, recalibrate: true }

/** A node begins without knowing anything, and loses some ten requests before it does. */
const FULL = { mostRequests: 6000, leastMs: 400, overloadMs: 800, everyScenario: 1 }
const QUICK = { mostRequests: 500, leastMs: 0, overloadMs: 0, everyScenario: 4 }

/** Rules with every seed, one after the other; the rest with the first three. */
export function sweep(options: SweepOptions): SchedulingSettings[] {
  const { quick } = options
  const seeds = seedsOf(options)
  const few = seeds.slice(0, FEW_SEEDS)
  const nodes = nodesOf(quick)
  return [
    ...seeds.flatMap((seed) => nodes.flatMap((node) => rulesOf(node, seed, quick))),
    ...few.flatMap((seed) => nodes.flatMap((node) => fewTimesOf(node, seed, quick))),
    ...(quick ? TRAINING_SEEDS.slice(0, 1) : TRAINING_SEEDS).flatMap((trainingSeed) =>
      nodes.flatMap((node) =>
        Object.entries(learnedOn(node, quick)).map(([policy, learned]) => ({
          ...runOf(node, policy, few[0] ?? Number.NaN, quick),
          training: { ...learned, seed: trainingSeed },
          seeds: few.length,
        })),
      ),
    ),
  ]
}

function nodesOf(quick: boolean): SchedulingNode[] {
  const deadlines = quick ? DEADLINES.slice(0, 1) : DEADLINES
  const alone = [
    { ladder: 'mobilenet', profile: 'cpu', workers: 1 },
    { ladder: 'fashion', profile: 'cpu', workers: 1 },
    { ladder: 'mobilenet', profile: 'batching', workers: 1 },
  ] as const
  const several = [
    { ladder: 'mobilenet', profile: 'cpu', workers: 4 },
    { ladder: 'mobilenet', profile: 'batching', workers: 4 },
  ] as const
  return [
    ...alone.flatMap((node) =>
      deadlines.map((deadlineServices) => ({ ...node, deadlineServices })),
    ),
    ...(quick ? [] : several.map((node) => ({ ...node, deadlineServices: USUAL_DEADLINE }))),
  ]
}

function rulesOf(node: SchedulingNode, seed: number, quick: boolean): SchedulingSettings[] {
  const solved = isPlain(node) && !quick ? SOLVED : []
  return [...PUBLISHED, BEST_FIXED, ...RULES, ...solved].map((policy) =>
    runOf(node, policy, seed, quick),
  )
}

/** The bound, and profiles that are wrong on one node. */
function fewTimesOf(node: SchedulingNode, seed: number, quick: boolean): SchedulingSettings[] {
  const run = (policy: string) => runOf(node, policy, seed, quick)
  const isWronglyProfiled = isPlain(node) && node.deadlineServices === 4
  return [
    ...(node.workers === 1 ? [run(BOUND)] : []),
    ...(isWronglyProfiled
      ? WRONG.flatMap((wrong) =>
          [...PUBLISHED, BEST_FIXED, ...RULES].map((policy) => ({ ...run(policy), ...wrong })),
        )
      : []),
  ]
}

function learnedOn(node: SchedulingNode, quick: boolean): Readonly<Record<string, Learned>> {
  if (quick) {
    return node.profile === 'cpu' ? { [HINDSIGHT]: { trainer: 'hindsight', rounds: 1 } } : {}
  }
  const isVaried = isPlain(node) && node.deadlineServices === USUAL_DEADLINE
  return {
    ...(node.workers === 1
      ? { [HINDSIGHT]: { trainer: 'hindsight' } }
      : { [ROLL_OUTS]: { trainer: 'roll-outs' } }),
    ...(isVaried && {
      ...KNOWLEDGE,
      ...PRICED,
      [POLICY_OPTIMISATION]: { trainer: 'policy-optimisation' },
    }),
  }
}

/** One worker without batches, of the first ladder. */
function isPlain({ ladder, profile, workers }: SchedulingNode): boolean {
  return ladder === 'mobilenet' && profile === 'cpu' && workers === 1
}

function runOf(
  node: SchedulingNode,
  policy: string,
  seed: number,
  quick: boolean,
): SchedulingSettings {
  return { node, policy, ...(quick ? QUICK : FULL), ...RIGHT, seed, seeds: 1 }
}
