/** One worker under two kinds of requests at once: urgent ones, and others without a deadline. */
import { Random } from '../../random.ts'
import { createLadder } from '../../scheduling/ladder.ts'
import { anticipatingFit } from '../../scheduling/policies/anticipating-fit.ts'
import type { ServiceOrder } from '../../scheduling/request-queue.ts'
import { drawArrivals } from '../workload/rate-segments.ts'
import { ServingNode } from './serving-node.ts'

const DURATION_MS = 60_000
const URGENT_PER_S = 25
const URGENT_DEADLINE_MS = 150
const QUEUE_LIMIT = 64
const LARGEST = 3

/** What is varied. */
export interface MixedLoad {
  /** Of the others, in shares of what the worker sustains with the largest variant. */
  readonly load: number
  /** Service time of the largest variant. */
  readonly largestMs: number
  readonly urgentPriority: number
  readonly otherPriority: number
  readonly order?: ServiceOrder
  /** Times as many urgent requests. Default: 1. */
  readonly urgency?: number
  readonly seed: number
}

/** What came of it. */
export function serveMixed(mixed: MixedLoad) {
  const { load, largestMs, urgentPriority, otherPriority, order = 'shares', urgency = 1 } = mixed
  const random = new Random(mixed.seed)
  const arrivals = (name: string, ratePerS: number) =>
    Array.from(drawArrivals([{ durationMs: DURATION_MS, ratePerS }], random.fork(name)))
  const urgent = arrivals('urgent', urgency * URGENT_PER_S).map((arrivalMs) => {
    const deadlineMs = arrivalMs + URGENT_DEADLINE_MS
    return { arrivalMs, deadlineMs, priority: urgentPriority, lowestVariant: 0 }
  })
  const others = arrivals('others', (1000 * load) / largestMs).map((arrivalMs) => {
    return { arrivalMs, deadlineMs: Infinity, priority: otherPriority, lowestVariant: LARGEST }
  })
  const all = [...urgent, ...others].sort((a, b) => a.arrivalMs - b.arrivalMs)
  // Of its soft deadline.
  let longestShare = 0
  let refused = 0
  const node = new ServingNode({
    ladder: ladderOf(largestMs),
    workers: 1,
    queueLimit: QUEUE_LIMIT,
    earlyRefusal: true,
    order,
    requests: all,
    random: random.fork('service'),
    onSettled: ({ request, variant, atMs }) => {
      if (request.deadlineMs < Infinity) return
      if (variant === undefined) refused += 1
      const softMs = node.scheduler.dueMs(request, request.arrivalMs) - request.arrivalMs
      longestShare = Math.max(longestShare, (atMs - request.arrivalMs) / softMs)
    },
  })
  const { violationPercent } = node.run(anticipatingFit())
  return { violationPercent, longestShare, refusedPercent: (100 * refused) / others.length }
}

/** MobileNet's, in proportion. */
function ladderOf(largestMs: number) {
  const variants: [number, number][] = [
    [49.8, 0.09],
    [63.3, 0.25],
    [68.4, 0.57],
    [70.9, 1],
  ]
  return createLadder(
    variants.map(([accuracyPercent, share], index) => {
      return { name: `v${index}`, accuracyPercent, serviceTimesMs: [share * largestMs] }
    }),
  )
}
