/** What a policy may do with the head of the queue, and which of it makes sense. */
import type { Observation } from './observation.ts'

/** `index` is the action's place in `ActionSpace.all`. */
export type Action =
  | {
      readonly kind: 'serve'
      readonly index: number
      readonly variant: number
      /** Index of the batch size. */
      readonly batch: number
    }
  /** Give up the head. */
  | { readonly kind: 'drop'; readonly index: number }
  /** Keep the worker free until the next arrival, completion, or last moment of a waiting request. */
  | { readonly kind: 'wait'; readonly index: number }

/** The actions of one ladder: serve for all of [variants, batchSizes] row by row, then drop, then wait. */
export class ActionSpace {
  readonly all: readonly Action[]
  readonly drop: Action
  readonly wait: Action
  private readonly batches: number

  constructor(variants: number, batches: number) {
    const serves = variants * batches
    this.batches = batches
    this.drop = { kind: 'drop', index: serves }
    this.wait = { kind: 'wait', index: serves + 1 }
    const all: Action[] = Array.from({ length: serves }, (_, index) => {
      return { kind: 'serve', index, variant: Math.floor(index / batches), batch: index % batches }
    })
    this.all = [...all, this.drop, this.wait]
  }

  get size(): number {
    return this.all.length
  }

  /** @param batch index of the batch size */
  serve(variant: number, batch: number): Action {
    return this.all[variant * this.batches + batch]
  }
}

/** Time before a request's last moment at which a waiting worker is woken: timers are late. */
const WAKE_EARLY_MS = 1

/** Until when a free worker may stay so without costing a waiting request its deadline. */
export function waitUntilMs({ queued, nowMs, slackMs, lowestVariant, times }: Observation): number {
  let spareMs = Number.POSITIVE_INFINITY
  for (let i = 0; i < queued; i++) {
    const needsMs = times.ms(lowestVariant[i], 0)
    spareMs = Math.min(spareMs, slackMs[i] - needsMs)
  }
  return nowMs + spareMs - WAKE_EARLY_MS
}

/**
 * Whether the scheduler accepts this action: a batch must be full, in time for all in it as planned, and large enough a
 * variant for all in it; a wait must not cost a deadline; the head may always be dropped.
 */
export function isAllowed(observation: Observation, action: Action): boolean {
  if (action.kind === 'drop') return true
  if (action.kind === 'wait') return waitUntilMs(observation) > observation.nowMs
  return canServe(observation, action.variant, action.batch)
}

/** Whether a batch of this size at the head of the queue can be served by this variant. */
export function canServe(observation: Observation, variant: number, batch: number): boolean {
  const { queued, slackMs, lowestVariant, times } = observation
  const batchSize = times.batchSize(batch)
  if (batchSize > queued) return false
  const plannedMs = times.ms(variant, batch)
  for (let i = 0; i < batchSize; i++) {
    if (plannedMs > slackMs[i] || variant < lowestVariant[i]) return false
  }
  return true
}

/**
 * Largest batch at the head of the queue that this variant can serve.
 * @returns index of the batch size, −1 if not even the head alone
 */
export function largestBatch(observation: Observation, variant: number): number {
  let batch = observation.times.largestBatch(observation.queued)
  while (batch >= 0 && !canServe(observation, variant, batch)) batch--
  return batch
}

export interface MaskOptions {
  /** Whether a learner may give up a head that could be served. Of use with batches only. */
  readonly drop: boolean
  readonly wait: boolean
}

/** @param mask filled with 1 for every action to choose from, else 0; at least one is 1. Shape [actions] */
export function fillMask(
  observation: Observation,
  { drop, wait }: MaskOptions,
  mask: Uint8Array,
): void {
  for (const action of observation.actions.all) {
    const isOffered = action.kind === 'serve' || (action.kind === 'drop' ? drop : wait)
    mask[action.index] = isOffered && isAllowed(observation, action) ? 1 : 0
  }
}
