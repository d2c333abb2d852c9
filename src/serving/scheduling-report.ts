import type { Scheduler } from '../scheduling/scheduler.ts'
import type { DropReason } from '../scheduling/tally.ts'
import type { DecisionTimes } from './policy/decision-times.ts'
import type { RetrainingReport } from './policy/retraining.ts'

/** What scheduling has done since the start, in numbers. */
export interface SchedulingReport {
  /** In force. */
  readonly policy: string
  /** Why it is: as the node was started, from a file, or because another was given up. */
  readonly policyReason: string
  /** Of a node that trains its policy on its own arrivals. */
  readonly retraining?: RetrainingReport
  /** Requests with a deadline that were answered or dropped; those withdrawn by their client do not count. */
  readonly requests: number
  /** Requests that wait, those without a deadline too. */
  readonly queueDepth: number
  /** Mean over all these requests: accuracy of the variant that answered in time, 0 for those late or dropped; 0 before the first. */
  readonly effectiveAccuracyPercent: number
  /** Mean over the answers given in time. */
  readonly servedAccuracyPercent: number
  /** Late or dropped. */
  readonly violationPercent: number
  readonly late: number
  readonly dropped: Readonly<Record<DropReason, number>>
  readonly switches: number
  /** Requests without a deadline. */
  readonly withoutDeadline: {
    readonly answered: number
    readonly notServed: number
    /** Answered after their soft deadline. */
    readonly late: number
    /** Longest time to an answer ÷ soft deadline. */
    readonly longestShare: number
  }
  /** Over the latest decisions. */
  readonly decisionMs: { readonly p50: number; readonly p99: number }
  /** Requests that may be run as one inference. */
  readonly batchSizes: readonly number[]
  /** Kept in hand for services that are held up. */
  readonly reserveMs: number
  /** The variants to choose from, the smallest first: answers by each, and the time it is planned to take. */
  readonly variants: readonly {
    readonly name: string
    readonly accuracyPercent: number
    readonly profiledMs: number
    /** The same for each of the batch sizes that it is served in. */
    readonly serviceTimesMs: readonly number[]
    /** Recalibrated by what services really took. */
    readonly plannedMs: number
    /** Until when one without a deadline that asks for it should be answered. */
    readonly softDeadlineMs: number
    readonly onTime: number
    readonly late: number
  }[]
}

type Patient = SchedulingReport['withoutDeadline']
type Scheduled = Pick<Scheduler<never>, 'tally' | 'times' | 'queued' | 'softDeadlineOf'> & {
  readonly patient: Patient
}

interface ReportedScheduling {
  readonly policy: {
    readonly name: string
    readonly reason: string
    readonly decisionTimes: DecisionTimes
  }
  readonly scheduler: Scheduled
}

/** The report of this moment; 0 for what no request has told yet. */
export function schedulingReport({ policy, scheduler }: ReportedScheduling): SchedulingReport {
  const { decisionTimes } = policy
  const { tally, patient, times, queued } = scheduler
  const { answered, notServed, late, longestShare } = patient
  return {
    policy: policy.name,
    policyReason: policy.reason,
    requests: tally.settled,
    queueDepth: queued,
    effectiveAccuracyPercent: tally.effectiveAccuracyPercent || 0,
    servedAccuracyPercent: tally.servedAccuracyPercent || 0,
    violationPercent: tally.violationPercent || 0,
    late: tally.late.reduce((sum, count) => sum + count, 0),
    dropped: { ...tally.dropped },
    switches: tally.switches,
    withoutDeadline: { answered, notServed, late, longestShare },
    decisionMs: { p50: decisionTimes.quantileMs(0.5), p99: decisionTimes.quantileMs(0.99) },
    batchSizes: times.ladder.batchSizes,
    reserveMs: times.reserveMs,
    variants: times.ladder.variants.map(({ name, accuracyPercent, serviceTimesMs }, index) => ({
      name,
      accuracyPercent,
      profiledMs: serviceTimesMs[0] ?? 0,
      serviceTimesMs,
      plannedMs: times.ms(index, 0),
      softDeadlineMs: scheduler.softDeadlineOf(index),
      onTime: tally.onTime[index] ?? 0,
      late: tally.late[index] ?? 0,
    })),
  }
}
