/** The tiers above a device, as a place to have a request served. */
import type { Clock } from '../clock.ts'
import { DeadlineError, OverloadedError } from '../errors.ts'
import type { Placement } from '../fleet/placement.ts'
import type { Floor } from './floor.ts'
import { announcedDeadlineMs } from './request-terms.ts'
import type { DecidedRequest, Service } from './service.ts'
import type { RemoteAnswer, TierLink } from './tier-link.ts'

type Way = Pick<TierLink, 'up' | 'forward' | 'takeBandwidthMbps' | 'close'>

/** The ways up that a device has. */
export interface TierLinks {
  readonly edge?: Way
  readonly cloud?: Way
}

/** Of a device. */
export interface TiersAboveOptions {
  readonly links: TierLinks
  /** Names of the catalogue's variants. */
  readonly variants: ReadonlySet<string>
  /** Under which no answer counts. */
  readonly floor: Pick<Floor, 'allows'>
  /** What one request may wait for other nodes in all. */
  readonly requestTimeoutMs: number
  readonly clock: Clock
}

/** Has edge or cloud serve a request. */
export class TiersAbove {
  private readonly options: TiersAboveOptions

  constructor(options: TiersAboveOptions) {
    this.options = options
  }

  /**
   * @param leftMs after which the answer is of no use; the tier is not taken for down then
   * @returns undefined when the tier is down, or gives no answer, or one below the floor: a server may know nothing of it
   * @throws TierwiseError with the 4xx that the tier answered, or why the client went away
   */
  async serve(
    { tier, variant }: Placement,
    request: DecidedRequest,
    leftMs = Infinity,
  ): Promise<Omit<Service, 'networkMs'> | undefined> {
    const { links, variants, floor } = this.options
    const link = tier === 'end' ? undefined : links[tier]
    if (!link || !this.isUp({ tier })) return undefined
    const answer = await this.forward(link, variant, request, leftMs)
    if (answer === undefined) return undefined
    const { variant: told = '', ...service } = answer
    // A smaller variant may have served for a deadline.
    const served = variants.has(told) ? told : variant
    return floor.allows(served) ? { ...service, placement: { tier, variant: served } } : undefined
  }

  /** @returns undefined where there is no answer, a refusal for want of room included */
  private async forward(
    link: Way,
    variant: string,
    { call, decision, startMs, refusals }: DecidedRequest,
    leftMs: number,
  ): Promise<RemoteAnswer | undefined> {
    const { requestTimeoutMs, clock } = this.options
    const goneMs = clock.nowMs() - startMs
    const announcedMs = announcedDeadlineMs(call.headers) ?? Infinity
    const untilMs = Math.min(leftMs, announcedMs - goneMs - (call.receivingMs ?? 0))
    const goalPercent = decision.fallbackAccuracyPercent
    try {
      return await link.forward(variant, call, requestTimeoutMs - goneMs, goalPercent, untilMs)
    } catch (error) {
      if (!(error instanceof DeadlineError || error instanceof OverloadedError)) throw error
      refusals?.push(error)
      return undefined
    }
  }

  /** Whether asking is worth while now. */
  isUp({ tier }: Pick<Placement, 'tier'>): boolean {
    return tier !== 'end' && this.options.links[tier]?.up === true
  }

  /** By tier that this device can reach at all. */
  get up(): Readonly<Record<string, boolean>> {
    return Object.fromEntries(
      Object.entries(this.options.links).map(([tier, { up }]) => [tier, up]),
    )
  }

  /** To the node above, from the device's own traffic since the last call. */
  bandwidthMbps(): number | undefined {
    const { edge, cloud } = this.options.links
    return (edge ?? cloud)?.takeBandwidthMbps()
  }

  async close(): Promise<void> {
    const { edge, cloud } = this.options.links
    for (const link of [edge, cloud]) await link?.close()
  }
}
