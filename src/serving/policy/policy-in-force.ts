import { createHash } from 'node:crypto'
import { ConfigError, messageOf } from '../../errors.ts'
import type { LearnedNetwork } from '../../scheduling/learned/network/learned-network.ts'
import type { Observation } from '../../scheduling/observation.ts'
import { anticipatingFit } from '../../scheduling/policies/anticipating-fit.ts'
import { createPolicy, DEFAULT_POLICY } from '../../scheduling/policies/create.ts'
import { networkPolicy } from '../../scheduling/policies/network.ts'
import {
  type ParsedPolicy,
  type ParsingNode,
  parsePolicy,
} from '../../scheduling/policies/parse.ts'
import type { Job, Scheduler } from '../../scheduling/scheduler.ts'
import type { SchedulingPolicy } from '../../scheduling/scheduling-policy.ts'
import type { ShadowNodeOptions, ShadowRequest } from '../../scheduling/shadow-node.ts'
import { CandidateTrial, type TrialVerdict } from './candidate-trial.ts'
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

/** What became of a candidate: `overtaken` when the policy that it was compared with was replaced meanwhile. */
export type TrialEnd = TrialVerdict | 'overtaken'

interface Trial {
  readonly of: CandidateTrial
  resolve(end: TrialEnd): void
  reject(error: unknown): void
}

/** The policy that decides on a node's requests: replaced while it serves, watched when it is learned, given up when it fails. */
export class PolicyInForce<Request extends ShadowRequest> {
  readonly decisionTimes = new DecisionTimes()
  /** Why this policy decides. */
  reason = 'as the node was started'
  /** What the node was told to decide by: a policy's name, or the digest of a file. */
  origin: string
  private readonly options: PolicyInForceOptions<Request>
  private current: ParsedPolicy
  private guard: PolicyGuard | undefined
  /** To be asked when service times have settled. */
  private misfit: ParsedPolicy['misfit']
  private trial: Trial | undefined

  /** @throws ConfigError for a policy that does not exist */
  constructor(options: PolicyInForceOptions<Request>) {
    this.options = options
    const { policy, node } = options
    this.origin = typeof policy === 'string' ? policy : policy.name
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

  /** Of the policy in force, if it is one that was trained. */
  get network(): LearnedNetwork | undefined {
    return this.current.network
  }

  /** Neither the rule that decides without any other, nor one that was trained: nothing but a file takes its place. */
  get isAskedFor(): boolean {
    return this.network === undefined && this.name !== DEFAULT_POLICY
  }

  /**
   * From the next decision on another policy decides; who waits goes on waiting.
   * @param text see `parsePolicy`
   * @throws ConfigError for what is no policy for this node; then all stays as it is
   */
  replaceBy(text: string, reason: string): void {
    this.replace(this.parse(text), reason)
    this.origin = createHash('sha256').update(text).digest('hex')
  }

  /**
   * @param text see `parsePolicy`
   * @throws ConfigError for what is no policy for this node
   */
  parse(text: string): ParsedPolicy {
    const parsed = parsePolicy(text, this.options.node)
    const { times } = this.options.scheduler
    const wrong = times.isSettled ? parsed.misfit?.(times) : undefined
    if (wrong !== undefined) throw new ConfigError(wrong)
    return parsed
  }

  /**
   * Lets a candidate decide beside the policy in force, the rule or a network, on the requests that come; neither serves one.
   * @throws whatever the candidate throws when it decides
   */
  tryOut({ policy }: ParsedPolicy): Promise<TrialEnd> {
    const { node, scheduler, shadow } = this.options
    const { network } = this.current
    const inForce = network ? networkPolicy(network, node) : anticipatingFit()
    const of = new CandidateTrial(policy, inForce, { ...shadow, times: scheduler.times })
    this.trial?.resolve('overtaken')
    return new Promise((resolve, reject) => {
      this.trial = { of, resolve, reject }
    })
  }

  replace(policy: ParsedPolicy, reason: string): void {
    const { scheduler, shadow } = this.options
    this.trial?.resolve('overtaken')
    this.trial = undefined
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

  arrived(arrived: Request, nowMs: number): void {
    const { deadlineMs, priority, lowestVariant, highestVariant, kind } = arrived
    const request = { deadlineMs, priority, lowestVariant, highestVariant, ...(kind && { kind }) }
    this.guard?.arrive(request, nowMs)
    this.giveUpFor(this.guard?.judge(nowMs))
    this.goOnTrying(request, nowMs)
  }

  /** A service has ended. */
  served({ variant, batch, startedAtMs }: Job<Request>, nowMs: number): void {
    this.guard?.served(variant, batch, nowMs - startedAtMs)
    this.trial?.of.served(variant, batch, nowMs - startedAtMs)
    const { times } = this.options.scheduler
    if (this.misfit === undefined || !times.isSettled) return
    const wrong = this.misfit(times)
    this.misfit = undefined
    this.giveUpFor(wrong)
  }

  private goOnTrying(request: ShadowRequest, nowMs: number): void {
    const { trial } = this
    if (trial === undefined) return
    try {
      trial.of.arrive(request, nowMs)
      const verdict = trial.of.judge(nowMs)
      if (verdict === undefined) return
      trial.resolve(verdict)
    } catch (error) {
      trial.reject(error)
    }
    this.trial = undefined
  }

  private giveUpFor(fault: string | undefined): void {
    if (fault === undefined) return
    const reason = `${this.name} was given up: ${fault}`
    this.replace({ policy: anticipatingFit(), isLearned: false }, reason)
    this.options.onGivenUp?.(reason)
  }
}
