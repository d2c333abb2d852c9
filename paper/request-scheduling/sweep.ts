/** Request scheduling: every policy on every node; knowing the arrival rate, or not; wrong profiles. */
import { type SweepOptions, seedsOf } from '../experiment.ts'
import { BOUND, MEAN_RATE, type SchedulingNode, type SchedulingRun, TRUE_RATE } from './run.ts'

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
const INFORMED: readonly string[] = [MEAN_RATE, TRUE_RATE]

type Training = NonNullable<SchedulingRun['training']>

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
  [0.25, 1, 4].map((violationPrice) => [
    `learned-price-${violationPrice}`,
    { trainer: 'hindsight', violationPrice },
  ]),
)
/** Of what takes long and is no default: as many seeds as tell how much chance there is in it. */
const EXTRA_SEEDS = 3

export const SLOWER = 1.2
const WRONGLY_PROFILED: readonly string[] = ['slack-fit', 'uniform-fit-drop']

const FULL = { mostRequests: 15_000, leastMs: 5000, everyScenario: 1 }
const QUICK = { mostRequests: 2000, leastMs: 0, everyScenario: 3 }

export function sweep(options: SweepOptions): SchedulingRun[] {
  const { quick } = options
  const extent = quick ? QUICK : FULL
  const nodes = nodesOf(quick)
  return seedsOf(options).flatMap((seed, index) => {
    const extra = index < EXTRA_SEEDS
    const run = (node: SchedulingNode, policy: string, profile = RIGHT): SchedulingRun => {
      return { kind: 'scheduling', node, policy, ...extent, ...profile, seed }
    }
    return nodes.flatMap((node) => [
      ...policiesOf(node, quick).map((policy) => run(node, policy)),
      ...Object.entries(trainingsOf(node, { quick, extra })).map(([policy, training]) => ({
        ...run(node, policy),
        training,
      })),
      ...(isWronglyProfiled(node)
        ? WRONGLY_PROFILED.flatMap((policy) => WRONG.map((profile) => run(node, policy, profile)))
        : []),
    ])
  })
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
    ...(solved ? [...SOLVED, ...INFORMED] : []),
    ...(workers === 1 ? [BOUND] : []),
  ]
}

/** By the name of the policy that is learned. */
function trainingsOf(
  node: SchedulingNode,
  { quick, extra }: { readonly quick: boolean; readonly extra: boolean },
): Readonly<Record<string, Training>> {
  const { profile, workers, deadlineMs } = node
  if (quick) return profile === 'cpu' ? { [HINDSIGHT]: { trainer: 'hindsight', rounds: 1 } } : {}
  const tight = deadlineMs === DEADLINES_MS.tight
  const hardest = tight && profile === 'cpu' && workers === 1
  return {
    ...(workers === 1
      ? { [HINDSIGHT]: { trainer: 'hindsight' } }
      : { [ROLL_OUTS]: { trainer: 'roll-outs' } }),
    ...(extra && tight && { [POLICY_OPTIMISATION]: { trainer: 'policy-optimisation' } }),
    ...(extra && hardest && { ...KNOWLEDGE, ...PRICED }),
  }
}

function isWronglyProfiled({ profile, workers, deadlineMs }: SchedulingNode): boolean {
  return profile === 'cpu' && workers === 1 && deadlineMs === DEADLINES_MS.loose
}
