import { ConfigError, messageOf } from '../../errors.ts'
import type { Observation } from '../../scheduling/observation.ts'
import { anticipatingFit } from '../../scheduling/policies/anticipating-fit.ts'
import { createPolicy } from '../../scheduling/policies/create.ts'
import {
  type ParsedPolicy,
  type ParsingNode,
  parsePolicy,
} from '../../scheduling/policies/parse.ts'
import type { Job, Scheduler } from '../../scheduling/scheduler.ts'
import type { SchedulingPolicy } from '../../scheduling/scheduling-policy.ts'
import type { ShadowNodeOptions, ShadowRequest } from '../../scheduling/shadow-node.ts'
import { DecisionTimes } from './decision-times.ts'
import { PolicyGuard } from './policy-guard.ts'

/** The policy at first, and the node that it decides for. */
export interface PolicyInForceOptions<Request extends ShadowRequest> {
  /** One of `POLICY_NAMES`, or a rule of one's own, which is watched as a learned one is. */
  readonly policy: string | SchedulingPolicy
  readonly scheduler: Scheduler<Request>
  /** What policies are made for. */
  readonly node: ParsingNode
  /** A node of the same size, to compare a learned policy with the rule on. */
  readonly shadow: Omit<ShadowNodeOptions, 'times'>
  /** Told why a policy was given up. */
  readonly onGivenUp?: (reason: string) => void
}

/** The policy that decides on a node's requests: replaced while it serves, watched when it is learned, given up when it fails. */
export class PolicyInForce<Request extends ShadowRequest> {
  readonly decisionTimes = new DecisionTimes()
  /** Why this policy decides. */
  reason = 'as the node was started'
  private readonly options: PolicyInForceOptions<Request>
  private current: ParsedPolicy
  private guard: PolicyGuard | undefined
  /** To be asked when service times have settled. */
  private misfit: ParsedPolicy['misfit']

  /** @throws ConfigError for a policy that does not exist */
  constructor(options: PolicyInForceOptions<Request>) {
    this.options = options
    const { policy, node } = options
    if (typeof policy === 'string') {
      this.current = { policy: createPolicy(policy, node), isLearned: false }
    } else {
      this.current = { policy, isLearned: true }
      this.replace(this.current, this.reason)
    }
  }

  get name(): string {
    return this.current.policy.name
  }

  /**
   * From the next decision on another policy decides; who waits goes on waiting.
   * @param text see `parsePolicy`
   * @throws ConfigError for what is no policy for this node; then all stays as it is
   */
  replaceBy(text: string, reason: string): void {
    const parsed = parsePolicy(text, this.options.node)
    const { times } = this.options.scheduler
    const wrong = times.isSettled ? parsed.misfit?.(times) : undefined
    if (wrong !== undefined) throw new ConfigError(wrong)
    this.replace(parsed, reason)
  }

  replace(policy: ParsedPolicy, reason: string): void {
    const { scheduler, shadow } = this.options
    this.current = policy
    this.reason = reason
    this.misfit = policy.misfit
    const { tally, times } = scheduler
    this.guard = policy.isLearned ? new PolicyGuard(tally, { ...shadow, times }) : undefined
  }

  /** @returns the batch to start, if the decision is to serve */
  decide(observation: Observation, nowMs: number): Job<Request> | undefined {
    const { scheduler } = this.options
    try {
      const action = this.current.policy.decide(observation)
      const tookMs = performance.now() - nowMs
      this.decisionTimes.note(tookMs)
      const job = scheduler.apply(action, nowMs)
      this.giveUpFor(this.guard?.decided(tookMs))
      return job
    } catch (error) {
      this.giveUpFor(messageOf(error))
      return scheduler.apply(this.current.policy.decide(observation), nowMs)
    }
  }

  arrived({ deadlineMs, priority, lowestVariant, highestVariant }: Request, nowMs: number): void {
    this.guard?.arrive({ deadlineMs, priority, lowestVariant, highestVariant }, nowMs)
    this.giveUpFor(this.guard?.judge(nowMs))
  }

  /** A service has ended. */
  served({ variant, batch, startedAtMs }: Job<Request>, nowMs: number): void {
    this.guard?.served(variant, batch, nowMs - startedAtMs)
    const { times } = this.options.scheduler
    if (this.misfit === undefined || !times.isSettled) return
    const wrong = this.misfit(times)
    this.misfit = undefined
    this.giveUpFor(wrong)
  }

  private giveUpFor(fault: string | undefined): void {
    if (fault === undefined) return
    const reason = `${this.name} was given up: ${fault}`
    this.replace({ policy: anticipatingFit(), isLearned: false }, reason)
    this.options.onGivenUp?.(reason)
  }
}
