/**
 * Tries every action out: from the state it leaves on, uniform-fit decides about the arrivals that really follow (the roll-out of
 * dynamic programming), for any number of workers; all actions meet the same future, so that little of their difference is
 * chance. What is left at the horizon is valued in hindsight: an answer that takes longer delays all that follow, in a crowd
 * far beyond any horizon.
 */
import type { Action } from '../action.ts'
import type { Hindsight } from '../hindsight.ts'
import { emptyObservation, type Observation } from '../observation.ts'
import { uniformFitDrop } from '../policies/uniform-fit.ts'
import { ServiceTimes } from '../service-times.ts'
import { solveHindsight } from './hindsight-teacher.ts'
import type { Teacher } from './teacher.ts'
import type { TrainingNode } from './training-node.ts'

const HORIZON_DEADLINES = 1

/** For any number of workers, of one workload. */
export class RollOutTeacher implements Teacher {
  private readonly arrivalsMs: Float64Array
  private readonly node: TrainingNode
  private readonly rule = uniformFitDrop()
  private readonly freeAtMs: Float64Array
  /** What uniform-fit looks at. */
  private readonly queue: ReturnType<typeof emptyObservation>
  private readonly hindsight: Hindsight

  /** @param violationPrice what a violation costs, in answers of the most accurate variant */
  constructor(arrivalsMs: Float64Array, node: TrainingNode, violationPrice: number) {
    const { ladder, workers } = node
    this.arrivalsMs = arrivalsMs
    this.node = node
    this.hindsight = solveHindsight(arrivalsMs, node, violationPrice)
    this.freeAtMs = new Float64Array(workers)
    // The planned times are those of the node, as soon as it has asked.
    this.queue = emptyObservation(new ServiceTimes(ladder), workers, arrivalsMs.length)
  }

  worth(seen: Observation, head: number, action: Action): number {
    const { arrivalsMs, freeAtMs, queue } = this
    for (let worker = 0; worker < freeAtMs.length; worker++) {
      freeAtMs[worker] = seen.nowMs + seen.workerResidualMs[worker]
    }
    queue.times = seen.times
    const untilMs = seen.nowMs + HORIZON_DEADLINES * this.node.deadlineMs
    let [next, worth] = this.act(action, head, seen.nowMs)
    while (next < arrivalsMs.length) {
      const nowMs = Math.max(freeAtMs[this.firstFree()], arrivalsMs[next])
      if (nowMs > untilMs) break
      const expired = this.fillQueue(next, nowMs)
      next += expired
      worth -= expired * this.hindsight.dropCost
      if (queue.queued === 0) continue
      this.fillWorkers(nowMs)
      const [after, gained] = this.act(this.rule.decide(queue), next, nowMs)
      next = after
      worth += gained
    }
    return worth + this.hindsight.value(next, this.backlogMs(untilMs))
  }

  /** When one worker with the speed of all would be done with what is in service. */
  private backlogMs(nowMs: number): number {
    return (
      this.freeAtMs.reduce((sum, freeMs) => sum + Math.max(nowMs, freeMs), 0) / this.freeAtMs.length
    )
  }

  /** @returns the first request not settled by it, and what it is worth by itself */
  private act(action: Action, head: number, nowMs: number): readonly [number, number] {
    const { freeAtMs, node, arrivalsMs } = this
    const { dropCost } = this.hindsight
    if (action.kind !== 'serve') return [head + 1, -dropCost]
    const variant = node.ladder.variants[action.variant]
    const size = node.ladder.batchSizes[action.batch]
    const endMs = nowMs + variant.serviceTimesMs[action.batch]
    freeAtMs[this.firstFree()] = endMs
    let onTime = 0
    for (let i = head; i < head + size; i++) {
      if (endMs - arrivalsMs[i] <= node.deadlineMs) onTime += 1
    }
    const worth = onTime * variant.accuracyPercent - (size - onTime) * dropCost
    return [head + size, worth]
  }

  private firstFree(): number {
    const { freeAtMs } = this
    let first = 0
    for (let worker = 1; worker < freeAtMs.length; worker++) {
      if (freeAtMs[worker] < freeAtMs[first]) first = worker
    }
    return first
  }

  /** The first is the one that is free. */
  private fillWorkers(nowMs: number): void {
    const { freeAtMs, queue } = this
    const free = this.firstFree()
    let place = 1
    for (let worker = 0; worker < freeAtMs.length; worker++) {
      if (worker === free) continue
      queue.workerResidualMs[place++] = Math.max(0, freeAtMs[worker] - nowMs)
    }
  }

  /** What waits from this request on. @returns how many of them can no longer be served */
  private fillQueue(first: number, nowMs: number): number {
    const { queue, arrivalsMs, node } = this
    const shortestMs = queue.times.ms(0, 0)
    let expired = 0
    let queued = 0
    for (let i = first; i < arrivalsMs.length && arrivalsMs[i] <= nowMs; i++) {
      const slackMs = arrivalsMs[i] + node.deadlineMs - nowMs
      if (shortestMs > slackMs) expired += 1
      else queue.slackMs[queued++] = slackMs
    }
    queue.queued = queued
    return expired
  }
}
