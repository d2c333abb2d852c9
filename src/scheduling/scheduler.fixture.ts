/** A scheduler of an example node, and requests with names. */

import { exampleLadder } from './example-node.fixture.ts'
import type { Observation } from './observation.ts'
import type { QueuedRequest } from './request-queue.ts'
import { type Job, Scheduler, type SchedulerOptions } from './scheduler.ts'
import type { DropReason } from './tally.ts'

export interface Named extends QueuedRequest {
  readonly name: string
}

export const request = (
  name: string,
  deadlineMs: number,
  rank: Partial<QueuedRequest> = {},
): Named => {
  return { name, deadlineMs, priority: 0, lowestVariant: 0, ...rank }
}

/** A scheduler planned without margin, and what it drops. */
export function start(options: Partial<SchedulerOptions<Named>> = {}) {
  const dropped: [string, DropReason][] = []
  const scheduler = new Scheduler<Named>({
    ladder: exampleLadder(options.ladder?.batchSizes),
    workers: 1,
    queueLimit: 10,
    margin: 1,
    recalibrate: false,
    onDrop: ({ name }, reason) => dropped.push([name, reason]),
    ...options,
  })
  return { scheduler, dropped }
}

export function serve(
  scheduler: Scheduler<Named>,
  nowMs: number,
  variant: number,
  batch = 0,
): Job<Named> {
  const { actions } = scheduler.observe(nowMs) as Observation
  return scheduler.apply(actions.serve(variant, batch), nowMs) as Job<Named>
}

export const slacks = (seen: Observation | undefined) =>
  seen && [...seen.slackMs.slice(0, seen.queued)]
