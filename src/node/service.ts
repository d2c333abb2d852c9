/** How one request of a device came to be answered. */
import type { DeviceDecision } from '../control/messages.ts'
import type { TierwiseError } from '../errors.ts'
import type { Placement } from '../fleet/placement.ts'
import type { InferCall, InferReply } from '../protocol/inference-handler.ts'
import type { Judged, TimeParts } from './answer-headers.ts'

/** A request, the decision it follows, and when it came. */
export interface DecidedRequest {
  readonly call: InferCall
  readonly decision: DeviceDecision
  readonly startMs: number
  /** Of tiers above that had no room for it; added to as they are asked. */
  readonly refusals?: TierwiseError[]
}

/** Where the answer is from, and what it cost apart from this node's own work. */
export interface Service extends Omit<TimeParts, 'responseTimeMs'> {
  readonly placement: Placement
  readonly content: InferReply['content']
  /** Of the request's deadline when this node had its answer; absent: it served nothing, or there is no deadline. */
  readonly leftMs?: number
  /** Present where the answer was judged by its margin. */
  readonly judged?: Judged
}
