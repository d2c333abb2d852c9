import type { Logger } from 'pino'
import { every, type Timers } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import { createLadder, type Ladder } from '../../scheduling/ladder.ts'
import { isLeftToRule } from '../../scheduling/learned/lead.ts'
import type { TrainingTask } from '../../scheduling/learned/own-arrivals.ts'
import type { ServiceTimes } from '../../scheduling/service-times.ts'
import type { ShadowRequest } from '../../scheduling/shadow-node.ts'
import type { ArrivalLog } from '../arrival-log.ts'
import type { TrialVerdict } from './candidate-trial.ts'
import type { KeptPolicy } from './kept-policy.ts'
import type { PolicyInForce } from './policy-in-force.ts'
import type { TrainPolicy } from './training-process.ts'

/** Recorded since the last training: of fewer there is little to learn. */
const LEAST_ARRIVALS = 2000

/**
 * swapped: it won and decides now · lost: it was tried out and did not win · useless: it learned nothing that the rule does not
 * do · overtaken: another policy came while it was trained or tried out · failed: there was no candidate, or it threw.
 */
export type CandidateOutcome = 'swapped' | 'lost' | 'useless' | 'overtaken' | 'failed'

/** What retraining does now, and what became of all candidates since the start. */
export interface RetrainingReport {
  readonly now: 'waiting' | 'training' | 'trying out'
  /** Recorded since the last training; it takes 2,000. */
  readonly newArrivals: number
  readonly candidates: Readonly<Record<CandidateOutcome, number>>
}

/** When, from what, and by whom. */
export interface RetrainingOptions {
  readonly everyMs: number
  readonly policy: Pick<
    PolicyInForce<ShadowRequest>,
    'name' | 'network' | 'origin' | 'isAskedFor' | 'parse' | 'tryOut' | 'replace'
  >
  readonly arrivals: Pick<ArrivalLog, 'latest' | 'total'>
  readonly times: ServiceTimes
  readonly workers: number
  /** Of most requests; absent: the median of those recorded. */
  readonly usualDeadlineMs?: number
  readonly train: TrainPolicy
  /** Absent: what is learned is lost with the process. */
  readonly kept?: Pick<KeptPolicy, 'read' | 'write'>
  readonly timers: Timers
  readonly logger?: Pick<Logger, 'info' | 'warn'> | undefined
}

/**
 * Trains a node's policy on the arrivals it has recorded, now and then. A candidate is tried out beside the policy in force and
 * takes its place when it has won; the guard watches it from then on as it does every learned policy.
 */
export class Retraining {
  private readonly options: RetrainingOptions
  private readonly ending = new AbortController()
  private readonly candidates = { swapped: 0, lost: 0, useless: 0, overtaken: 0, failed: 0 }
  private now: RetrainingReport['now'] = 'waiting'
  private passes = 0
  private arrivalsBefore = 0
  /** The policy in force was learned here. */
  private isOwn = false
  private written: Promise<void> | undefined
  private stopTimer: () => void = () => {}

  constructor(options: RetrainingOptions) {
    this.options = options
  }

  get report(): RetrainingReport {
    const { now, candidates, newArrivals } = this
    return { now, newArrivals, candidates: { ...candidates } }
  }

  private get newArrivals(): number {
    return this.options.arrivals.total - this.arrivalsBefore
  }

  /** Takes up what was learned before a restart; then trains every so often. */
  async start(): Promise<void> {
    await this.restore()
    if (this.ending.signal.aborted) return
    const { timers, everyMs } = this.options
    this.stopTimer = every(timers, everyMs, () => void this.pass())
  }

  /** Ends a training at once. */
  stop(): void {
    this.stopTimer()
    this.ending.abort()
  }

  /** Resolves when what was learned is written. */
  async close(): Promise<void> {
    this.stop()
    await this.written
  }

  /** The policy in force was given up: where it was learned here, it is not to come back after a restart. */
  givenUp(): void {
    if (!this.isOwn) return
    this.isOwn = false
    this.keep(undefined)
  }

  private keep(text: string | undefined): void {
    const { kept, policy } = this.options
    if (kept === undefined) return
    this.written = kept.write({
      origin: policy.origin,
      ...(text !== undefined && { policy: text }),
    })
  }

  private async restore(): Promise<void> {
    const { kept, policy, logger } = this.options
    const { origin, policy: text } = (await kept?.read()) ?? {}
    if (text === undefined) return
    if (origin !== policy.origin) {
      logger?.info(`scheduling: ${policy.name} stays: what was learned here went on from another`)
      return
    }
    try {
      policy.replace(policy.parse(text), 'learned from own arrivals before the restart')
      this.isOwn = true
      logger?.info('scheduling: the policy learned from own arrivals decides again')
    } catch (error) {
      logger?.warn(
        `scheduling: ${policy.name} stays, the policy learned here cannot be used: ${messageOf(error)}`,
      )
    }
  }

  private async pass(): Promise<void> {
    const { arrivals, policy } = this.options
    const isTooEarly = this.newArrivals < LEAST_ARRIVALS
    if (this.now !== 'waiting' || isTooEarly || policy.isAskedFor) return
    this.arrivalsBefore = arrivals.total
    const { signal } = this.ending
    try {
      const [outcome, text] = await this.candidate(this.task(), signal)
      if (!signal.aborted) this.tell(outcome, text)
    } catch (error) {
      if (!signal.aborted) this.tell('failed', messageOf(error))
    } finally {
      this.now = 'waiting'
    }
  }

  private async candidate(
    task: TrainingTask,
    signal: AbortSignal,
  ): Promise<[outcome: CandidateOutcome, text: string]> {
    const { policy, train } = this.options
    this.now = 'training'
    const network = await train(task, signal)
    if (isLeftToRule(network)) return ['useless', 'it does nothing better than anticipating-fit']
    if (policy.isAskedFor) return ['overtaken', `${policy.name} was asked for meanwhile`]
    const text = JSON.stringify(network)
    const parsed = policy.parse(text)
    this.now = 'trying out'
    const before = policy.name
    const end = await policy.tryOut(parsed)
    if (end === 'overtaken') return [end, `${before} was replaced meanwhile`]
    const found = described(end, before)
    if (!end.hasWon) return ['lost', found]
    policy.replace(parsed, `learned from ${task.arrivalsMs.length} own arrivals, ${found}`)
    this.isOwn = true
    this.keep(text)
    return ['swapped', found]
  }

  private task(): TrainingTask {
    const { arrivals, policy, times, workers, usualDeadlineMs } = this.options
    const { arrivalsMs, usualDeadlineMs: recordedMs } = arrivals.latest()
    this.passes += 1
    return {
      ...{ ladder: ladderOf(times), workers, arrivalsMs, seed: this.passes },
      deadlineMs: usualDeadlineMs ?? recordedMs,
      ...(policy.network && { from: policy.network }),
    }
  }

  private tell(outcome: CandidateOutcome, text: string): void {
    const { logger, policy } = this.options
    this.candidates[outcome] += 1
    if (outcome === 'swapped')
      logger?.info(`scheduling: a policy learned from own arrivals decides now: ${text}`)
    else if (outcome === 'failed')
      logger?.warn(`scheduling: ${policy.name} stays, learning from own arrivals failed: ${text}`)
    else
      logger?.info(
        `scheduling: ${policy.name} stays, a policy learned from own arrivals was dropped (${outcome}): ${text}`,
      )
  }
}

function described({ slowness, gainPoints, requests }: TrialVerdict, opponent: string): string {
  if (slowness !== undefined) return slowness
  const points = Math.abs(gainPoints).toFixed(2)
  const side = gainPoints < 0 ? 'below' : 'above'
  return `${points} points ${side} ${opponent} over ${requests} requests`
}

/** By what services usually take; as profiled, where one variant would now beat another. */
function ladderOf(times: ServiceTimes): Ladder {
  const { variants, batchSizes } = times.ladder
  const measured = variants.map((variant, index) => {
    return {
      ...variant,
      serviceTimesMs: variant.serviceTimesMs.map((_, batch) => times.usualMs(index, batch)),
    }
  })
  const ladder = createLadder(measured, batchSizes)
  return ladder.variants.length === variants.length ? ladder : times.ladder
}
