import type { Logger } from 'pino'
import { type DeviceDecision, decision as decisionSchema } from '../control/messages.ts'
import { InvalidInputError, messageOf } from '../errors.ts'
import type { Placement } from '../fleet/placement.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import type { DecisionClient } from './decision-route.ts'
import { TierHealth } from './tier-health.ts'

/** Whose decisions, and where they come from. */
export interface DecisionOptions {
  readonly device: string
  readonly catalogue: Pick<Catalogue, 'variants'>
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
    this.newest = {
      session: 'none',
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
        this.accept(decisionSchema.parse(await consult.ask(device, timeoutMs)))
      } catch (error) {
        this.health.markDown()
        logger.warn({ reason: messageOf(error) }, 'no decision to be had: keeping the last')
      }
    }
    return this.newest
  }

  /** @throws InvalidInputError for another device's decision, or a variant that the catalogue lacks or this device does not hold */
  accept(decision: DeviceDecision): void {
    const { device, placement } = decision
    if (device !== this.options.device) {
      throw new InvalidInputError(`a decision for ${device} came to ${this.options.device}`)
    }
    if (!this.variants.has(placement.variant)) {
      throw new InvalidInputError(
        `decision names variant "${placement.variant}": give every node the same catalogue`,
      )
    }
    if (placement.tier === 'end' && !this.held.has(placement.variant)) {
      throw new InvalidInputError(
        `decision names ${placement.variant}, which ${device} does not hold`,
      )
    }
    this.newest = decision
  }

  async close(): Promise<void> {
    this.health.close()
    await this.options.consult?.close()
  }
}
