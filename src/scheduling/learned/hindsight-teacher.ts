/** Knows all arrivals, and by an exact dynamic programme the best that could be done from any state of one worker. */
import type { Action } from '../action.ts'
import { Hindsight } from '../hindsight.ts'
import type { Ladder } from '../ladder.ts'
import type { Observation } from '../observation.ts'
import type { Teacher } from './teacher.ts'
import type { TrainingNode } from './training-node.ts'

/** Of a value in the dynamic programme: more teach nothing more. */
const STEPS = 300

/** @param violationPrice see `HindsightProblem` */
export function solveHindsight(
  arrivalsMs: Float64Array,
  { ladder, deadlineMs, workers }: TrainingNode,
  violationPrice: number,
): Hindsight {
  return new Hindsight({ arrivalsMs, ladder, deadlineMs, steps: STEPS, violationPrice, workers })
}

/** Exact for one worker, of one workload. */
export class HindsightTeacher implements Teacher {
  private readonly ladder: Ladder
  private readonly hindsight: Hindsight

  /** @param violationPrice see `HindsightProblem` */
  constructor(arrivalsMs: Float64Array, node: TrainingNode, violationPrice: number) {
    this.ladder = node.ladder
    this.hindsight = solveHindsight(arrivalsMs, node, violationPrice)
  }

  worth({ nowMs }: Observation, head: number, action: Action): number {
    const { hindsight, ladder } = this
    if (action.kind !== 'serve') return hindsight.value(head + 1, nowMs) - hindsight.dropCost
    const variant = ladder.variants[action.variant]
    const size = ladder.batchSizes[action.batch]
    const freeAtMs = nowMs + variant.serviceTimesMs[action.batch]
    return size * variant.accuracyPercent + hindsight.value(head + size, freeAtMs)
  }
}
