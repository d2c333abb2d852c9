import type { Logger } from 'pino'
import {
  type DeviceDecision,
  decision as decisionSchema,
  type OrchestratorNews,
} from '../control/messages.ts'
import { InvalidInputError, messageOf } from '../errors.ts'
import { formatChoice } from '../fleet/choice.ts'
import type { Placement } from '../fleet/placement.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import type { DecisionClient } from './decision-route.ts'
import { OrchestratorInForce } from './orchestrator-in-force.ts'
import { promisedPercent } from './promised.ts'
import { TierHealth } from './tier-health.ts'

/** Whose decisions, and where they come from. */
export interface DecisionOptions {
  readonly device: string
  readonly catalogue: Pick<Catalogue, 'variants' | 'cascades'>
  /** The part of the catalogue that the device serves by itself. */
  readonly held: Pick<Catalogue, 'variants'>
  /** Followed until a decision arrives. */
  readonly first: Placement
  /** The paper's way: every request asks edge, then cloud (HL paper, Figure 1, steps 1-4). Absent: decisions are pushed. */
  readonly consult?: Pick<DecisionClient, 'ask' | 'close'>
  /** Of the question whether the way to the orchestrator is open again. */
  readonly probeTimeoutMs: number
  readonly logger: Pick<Logger, 'warn'>
}

/** The decision that a device's requests follow: the newest that the orchestrator pushed (default), or one asked for each time. */
export class DecisionInForce {
  private readonly options: DecisionOptions
  private readonly variants: ReadonlySet<string>
  private readonly held: ReadonlySet<string>
  private readonly health: TierHealth
  private readonly orchestrator: OrchestratorInForce
  private newest: DeviceDecision

  constructor(options: DecisionOptions) {
    const { device, catalogue, held, first, consult, probeTimeoutMs } = options
    this.options = options
    this.variants = new Set(catalogue.variants.map(({ name }) => name))
    this.held = new Set(held.variants.map(({ name }) => name))
    this.health = new TierHealth(async () => {
      await consult?.ask(device, probeTimeoutMs)
      return true
    })
    this.orchestrator = new OrchestratorInForce(options.logger)
    this.newest = {
      session: 'none',
      epoch: 0,
      round: 0,
      device,
      placement: first,
      fallbackAccuracyPercent: 0,
    }
  }

  /** The newest that arrived; until then the first placement, without a goal, as session `none`, round 0. */
  get latest(): DeviceDecision {
    return this.newest
  }

  /** What one request is to follow. Never rejects: without an answer the last known decision stands. */
  async forRequest(timeoutMs: number): Promise<DeviceDecision> {
    const { consult, device, logger } = this.options
    if (consult && this.health.up) {
      try {
        const decision = decisionSchema.parse(await consult.ask(device, timeoutMs))
        // Whom a device is told to ask is not to be announced to it.
        this.announce(decision)
        this.accept(decision)
      } catch (error) {
        this.health.markDown()
        logger.warn({ reason: messageOf(error) }, 'no decision to be had: keeping the last')
      }
    }
    return this.newest
  }

  /** From now on what this orchestrator decides is obeyed, unless its epoch is lower. @throws InvalidInputError as `accept` */
  announce(by: Pick<OrchestratorNews, 'session' | 'epoch'>): void {
    const waited = this.orchestrator.announce(by)
    if (waited) this.accept(waited)
  }

  /** What is not from the orchestrator in force is refused, or waits for its announcement. @throws InvalidInputError for another device's decision, or one that names what the catalogue lacks or this device does not hold */
  accept(decision: DeviceDecision): void {
    const { device, placement, escalation } = decision
    if (device !== this.options.device) {
      throw new InvalidInputError(`a decision for ${device} came to ${this.options.device}`)
    }
    this.check(placement)
    if (escalation) {
      if (placement.tier !== 'end') {
        throw new InvalidInputError(`decision ${formatChoice(decision)} does not begin here`)
      }
      this.check(escalation.to)
      if (promisedPercent(this.options.catalogue, decision) === undefined) {
        throw new InvalidInputError(
          `decision ${formatChoice(decision)} is no point of a cascade of the catalogue: give every node the same catalogue`,
        )
      }
    }
    if (this.orchestrator.judge(decision) === 'obey') this.newest = decision
  }

  private check({ tier, variant }: Placement): void {
    if (!this.variants.has(variant)) {
      throw new InvalidInputError(
        `decision names variant "${variant}": give every node the same catalogue`,
      )
    }
    if (tier === 'end' && !this.held.has(variant)) {
      throw new InvalidInputError(
        `decision names ${variant}, which ${this.options.device} does not hold`,
      )
    }
  }

  async close(): Promise<void> {
    this.health.close()
    await this.options.consult?.close()
  }
}
