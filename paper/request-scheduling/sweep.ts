/** Request scheduling: every policy on every node; knowing the arrival rate, or not; wrong profiles. */
import { type SweepOptions, seedsOf } from '../experiment.ts'
import {
  BOUND,
  MEAN_RATE,
  type SchedulingNode,
  type SchedulingSettings,
  TRUE_RATE,
  type Training,
} from './settings.ts'

/** Four times and twice the service time of the largest variant. */
const DEADLINES_MS = { loose: 20, tight: 10 } as const

export const PUBLISHED: readonly string[] = [
  'largest',
  'smallest',
  'model-switching',
  'jellyfish',
  'slack-fit',
  'edf-largest-feasible',
  'edf-quickest-first',
]
const RULES: readonly string[] = ['uniform-fit', 'uniform-fit-drop']

/** Solved without batches only, and not in a quick sweep: it takes some seconds for each node. */
const SOLVED: readonly string[] = ['adaptive-smdp']
export const INFORMED: readonly string[] = [MEAN_RATE, TRUE_RATE]

export const HINDSIGHT = 'learned-hindsight'
export const ROLL_OUTS = 'learned-roll-outs'
export const POLICY_OPTIMISATION = 'learned-ppo'
/** What a network may remember beyond the averages of the arrival rate, or know of it, on one node. */
export const KNOWLEDGE: Readonly<Record<string, Training>> = {
  'learned-no-history': { trainer: 'hindsight', rateKnowledge: 'none' },
  'learned-stacked': { trainer: 'hindsight', frames: 4 },
  'learned-recurrent': { trainer: 'hindsight', recurrent: 16 },
  'learned-true-rate': { trainer: 'hindsight', rateKnowledge: 'true' },
}
/** What a violation costs in learning, on the same node; learned-hindsight pays nothing. */
export const PRICED: Readonly<Record<string, Training>> = Object.fromEntries(
  [1, 4].map((violationPrice) => [
    `learned-price-${violationPrice}`,
    { trainer: 'hindsight', violationPrice },
  ]),
)
/** Of what takes long and is no default: the first ones, so many as tell how much chance there is in it. */
const EXTRA_SEEDS = 3

export const SLOWER = 1.2
const WRONGLY_PROFILED: readonly string[] = ['slack-fit', 'uniform-fit-drop']

const FULL = { mostRequests: 10_000, leastMs: 4000, overloadMs: 20_000, everyScenario: 1 }
const QUICK = { mostRequests: 2000, leastMs: 0, overloadMs: 0, everyScenario: 3 }

export function sweep(options: SweepOptions): SchedulingSettings[] {
  const { quick } = options
  const seeds = seedsOf(options)
  return [
    ...seeds.flatMap((seed) => nodesOf(quick).flatMap((node) => usualRuns(node, seed, quick))),
    ...(quick ? [] : seeds.slice(0, EXTRA_SEEDS).flatMap(extraRuns)),
  ]
}

function usualRuns(node: SchedulingNode, seed: number, quick: boolean): SchedulingSettings[] {
  const { profile, workers } = node
  const training: Training = {
    trainer: workers === 1 ? 'hindsight' : 'roll-outs',
    ...(quick && { rounds: 1 }),
  }
  const run = runOf(node, seed, quick)
  return [
    ...policiesOf(node, quick).map((policy) => run(policy)),
    ...(quick && profile === 'batching'
      ? []
      : [{ ...run(workers === 1 ? HINDSIGHT : ROLL_OUTS), training }]),
    ...(isWronglyProfiled(node)
      ? WRONGLY_PROFILED.flatMap((policy) => WRONG.map((profile) => run(policy, profile)))
      : []),
  ]
}

/** Where learning has most to gain: at the tight deadline. */
function extraRuns(seed: number): SchedulingSettings[] {
  const nodeOf = (profile: SchedulingNode['profile'], workers: number): SchedulingNode => {
    return { profile, workers, deadlineMs: DEADLINES_MS.tight }
  }
  const trained = (node: SchedulingNode, policy: string, training: Training) => {
    return { ...runOf(node, seed, false)(policy), training }
  }
  return [
    ...Object.entries({ ...KNOWLEDGE, ...PRICED }).map(([policy, training]) =>
      trained(nodeOf('cpu', 1), policy, training),
    ),
    ...[nodeOf('cpu', 1), nodeOf('cpu', 4), nodeOf('batching', 1)].map((node) =>
      trained(node, POLICY_OPTIMISATION, { trainer: 'policy-optimisation' }),
    ),
  ]
}

function runOf(node: SchedulingNode, seed: number, quick: boolean) {
  const extent = quick ? QUICK : FULL
  return (policy: string, profile = RIGHT): SchedulingSettings => {
    return { node, policy, ...extent, ...profile, seed }
  }
}

const RIGHT = { slowdown: 1, recalibrate: true }
const WRONG = [false, true].map((recalibrate) => ({ slowdown: SLOWER, recalibrate }))

function nodesOf(quick: boolean): SchedulingNode[] {
  const profiles = ['cpu', 'batching'] as const
  const deadlines = quick ? [DEADLINES_MS.loose] : Object.values(DEADLINES_MS)
  return profiles.flatMap((profile) =>
    (quick ? [1] : [1, 4]).flatMap((workers) =>
      deadlines.map((deadlineMs) => ({ profile, workers, deadlineMs })),
    ),
  )
}

function policiesOf({ profile, workers }: SchedulingNode, quick: boolean): string[] {
  const solved = profile === 'cpu' && !quick
  return [
    ...PUBLISHED,
    ...RULES,
    ...(solved ? SOLVED : []),
    ...(solved && workers === 1 ? INFORMED : []),
    ...(workers === 1 ? [BOUND] : []),
  ]
}

function isWronglyProfiled({ profile, workers, deadlineMs }: SchedulingNode): boolean {
  return profile === 'cpu' && workers === 1 && deadlineMs === DEADLINES_MS.loose
}
