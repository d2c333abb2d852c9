/**
 * A device's floor: none of its requests is served below this accuracy, whatever is decided. A decision to escalate counts by its
 * pair; an answer, by the accuracy that is told of it.
 */
import type { Logger } from 'pino'
import type { DeviceDecision } from '../control/messages.ts'
import { InvalidInputError } from '../errors.ts'
import { formatChoice } from '../fleet/choice.ts'
import { meetsGoal } from '../fleet/goal.ts'
import type { Catalogue } from '../serving/models/catalogue.ts'
import { promisedPercent } from './promised.ts'
import type { Service } from './service.ts'

/** Whose floor, and what its variants are known to reach. */
export interface FloorOptions {
  readonly catalogue: Pick<Catalogue, 'model' | 'variants' | 'cascades'>
  /** Absent: none. */
  readonly floorPercent?: number
  /** What its requests are to reach on average; absent: nothing. */
  readonly goalPercent?: number
  readonly logger: Pick<Logger, 'warn'>
}

/** Judges variants, decisions and answers by the floor. */
export class Floor {
  readonly percent: number
  /** What stands in for a decided variant is to have. */
  private readonly standInPercent: number
  private readonly catalogue: FloorOptions['catalogue']
  private readonly logger: FloorOptions['logger']
  private readonly accuracyPercent: ReadonlyMap<string, number>
  /** The session whose decision the log has named. */
  private warnedOf: string | undefined

  constructor({ catalogue, floorPercent = 0, goalPercent = 0, logger }: FloorOptions) {
    this.percent = floorPercent
    this.standInPercent = Math.max(floorPercent, goalPercent)
    this.catalogue = catalogue
    this.logger = logger
    this.accuracyPercent = new Map(
      catalogue.variants.map(({ name, accuracyPercent }) => [name, accuracyPercent]),
    )
  }

  /** After the name of what is missing. */
  get text(): string {
    return this.percent === 0 ? '' : ` of at least ${this.percent} %`
  }

  /** Whether a variant may serve alone. */
  allows(variant: string): boolean {
    return this.isReached(this.accuracyPercent.get(variant))
  }

  /** Whether a decision promises enough; where not, the log says so once for each orchestrator's session. */
  obeys(decision: DeviceDecision): boolean {
    const { device, session, placement, escalation } = decision
    const promised = escalation
      ? promisedPercent(this.catalogue, decision)
      : this.accuracyPercent.get(placement.variant)
    if (this.isReached(promised)) return true
    if (this.warnedOf !== session) {
      this.logger.warn(
        { session, decided: formatChoice(decision) },
        `not obeying a decision: it promises ${promised ?? 0} %, below the floor of ${this.percent} % of ${device}`,
      )
    }
    this.warnedOf = session
    return false
  }

  /** The decision as it holds here: what stands in for its variant is held to the floor as well, and to the device's own goal. */
  under(decision: DeviceDecision): DeviceDecision {
    if (decision.fallbackAccuracyPercent >= this.standInPercent) return decision
    return { ...decision, fallbackAccuracyPercent: this.standInPercent }
  }

  /** Whether an answer may be given: by the accuracy that is told of it. */
  keeps({ placement, judged }: Pick<Service, 'placement' | 'judged'>): boolean {
    return judged ? this.isReached(judged.accuracyPercent) : this.allows(placement.variant)
  }

  /** @throws InvalidInputError for a variant that somebody asks for by its name, and that may not serve alone */
  check(variant: string): void {
    if (this.allows(variant)) return
    const percent = this.accuracyPercent.get(variant) ?? 0
    throw new InvalidInputError(
      `${variant} has ${percent} %, below this device's floor of ${this.percent} %: ask for ${this.catalogue.model}, or for a more accurate variant`,
    )
  }

  private isReached(accuracyPercent = 0): boolean {
    return this.percent === 0 || meetsGoal([accuracyPercent], this.percent)
  }
}
