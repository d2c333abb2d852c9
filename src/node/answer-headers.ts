/**
 * What a node tells about an answer, in its headers. Times are in milliseconds with three decimals.
 *
 * | header | meaning |
 * |---|---|
 * | `x-tierwise-decision` | tier and variant that served: `edge/d0` |
 * | `x-tierwise-decided` | what the decision says: `edge/d0`, or `end/d3>edge/d0@0.51` where an answer with a margin below 0.51 goes on |
 * | `x-tierwise-round` | round of the decision; 0 before any |
 * | `x-tierwise-fallback` | `1` when another placement than the decided one served, a smaller variant for a deadline included; and when an unsure answer is given as no better one came |
 * | `x-tierwise-accuracy` | percent: of the variant that served; where it served as an escalating decision says, of the pair of variants |
 * | `x-tierwise-confidence` | margin of the first answer, where a decision escalates: its likeliest class leads the second by so much |
 * | `x-tierwise-escalated` | `1` when the first answer was unsure and the request went on |
 * | `x-tierwise-first-ms` | of the response time, until the first answer was here |
 * | `x-tierwise-response-ms` | from the whole request being here to the whole answer being ready to send |
 * | `x-tierwise-queue-ms` | of it, a picture being decoded, then waiting for a worker, on the nodes that served |
 * | `x-tierwise-compute-ms` | of it, in the worker, on the nodes that served |
 * | `x-tierwise-network-ms` | of it, waiting for other nodes (vain attempts included) without their queue and compute |
 * | `x-tierwise-overhead-ms` | the rest: what this node itself added, the decision included |
 * | `x-tierwise-label` | of a picture: the likeliest class, percent-encoded where it is not plain ASCII |
 *
 * `x-tierwise-node` is the name of the node that answers, in every answer of its server. A node that serves the variant it was asked for, or for a deadline a smaller one, gives decision, accuracy and times
 * only. An error's `x-tierwise-error` is its stable code: `deadline` for a request dropped because of its deadline. Where there is no room now,
 * `retry-after-ms` says when the same request is predicted to be taken; `retry-after` says so in whole seconds, 1 at least.
 */
import type { DeviceDecision } from '../control/messages.ts'
import { formatChoice } from '../fleet/choice.ts'
import { formatPlacement, type Placement } from '../fleet/placement.ts'
import type { Parameters } from '../protocol/messages.ts'

/** Names the likeliest class of a picture. */
const LABEL_HEADER = 'x-tierwise-label'

/** Parts of one answer's response time, as headers and observations report them. */
export interface TimeParts {
  readonly responseTimeMs: number
  readonly queueMs: number
  readonly computeMs: number
  readonly networkMs: number
}

/** A first answer, and what became of it. */
export interface Judged {
  /** By how much its likeliest class leads the second. */
  readonly margin: number
  /** From the request's arrival to this answer. */
  readonly firstMs: number
  /** Whether it was unsure and went on; `placement` says whether a better answer came of it. */
  readonly escalated: boolean
  /** Unsure, and answered with all the same. */
  readonly fellBack: boolean
  /** What the decision promises, where it was kept to; else what the first variant does alone. */
  readonly accuracyPercent: number
}

/** One answer, as its headers tell of it. */
export interface Served extends TimeParts {
  readonly placement: Placement
  readonly accuracyPercent: number
  /** Present where a decision escalates and the first answer was judged. */
  readonly judged?: Judged
}

/** Headers of every answer. */
export function servedHeaders(served: Served): Record<string, string> {
  return {
    'x-tierwise-decision': formatPlacement(served.placement),
    'x-tierwise-accuracy': String(served.accuracyPercent),
    'x-tierwise-response-ms': served.responseTimeMs.toFixed(3),
    'x-tierwise-queue-ms': served.queueMs.toFixed(3),
    'x-tierwise-compute-ms': served.computeMs.toFixed(3),
    'x-tierwise-network-ms': served.networkMs.toFixed(3),
    'x-tierwise-overhead-ms': overheadMs(served).toFixed(3),
  }
}

/** Headers of an answer that a decision directed. */
export function decidedHeaders(
  served: Served,
  decision: Pick<DeviceDecision, 'placement' | 'escalation' | 'round'>,
): Record<string, string> {
  const { judged } = served
  const headers = servedHeaders(served)
  headers['x-tierwise-decided'] = formatChoice(decision)
  headers['x-tierwise-round'] = String(decision.round)
  if (judged) {
    headers['x-tierwise-confidence'] = judged.margin.toFixed(4)
    headers['x-tierwise-first-ms'] = judged.firstMs.toFixed(3)
    if (judged.escalated) headers['x-tierwise-escalated'] = '1'
  }
  if (judged ? judged.fellBack : !isDecided(served.placement, decision)) {
    headers['x-tierwise-fallback'] = '1'
  }
  return headers
}

/** The first stage or, of what cannot be judged by a first answer, the second. */
function isDecided(
  served: Placement,
  { placement, escalation }: Pick<DeviceDecision, 'placement' | 'escalation'>,
): boolean {
  const isServed = (one: Placement) => formatPlacement(one) === formatPlacement(served)
  return isServed(placement) || (escalation !== undefined && isServed(escalation.to))
}

function overheadMs({ responseTimeMs, queueMs, computeMs, networkMs }: TimeParts): number {
  return Math.max(0, responseTimeMs - queueMs - computeMs - networkMs)
}

/** The header of a picture's likeliest class. @param label of an answer's parameters: empty where it has none */
export function labelHeaders(label: Parameters[string] | undefined): Record<string, string> {
  if (typeof label !== 'string') return {}
  const text = label.replace(/[^ -~]|%/gu, (each) => encodeURIComponent(each))
  return { [LABEL_HEADER]: text }
}

/** The label in an answer's headers; undefined where there is none, or one that was not encoded so. */
export function reportedLabel(headers: Readonly<Record<string, string>>): string | undefined {
  try {
    const text = headers[LABEL_HEADER]
    return text && decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/**
 * Queue and compute time as the node that served reports them; zero when it is a server that reports neither.
 * @param headers in lower case
 */
export function reportedTimes(headers: Readonly<Record<string, string>>) {
  const read = (name: string) => {
    const ms = Number(headers[name])
    return ms >= 0 && Number.isFinite(ms) ? ms : 0
  }
  return { queueMs: read('x-tierwise-queue-ms'), computeMs: read('x-tierwise-compute-ms') }
}

/** The variant that served, as the node that did reports it; undefined when it is a server that reports none. */
export function reportedVariant(headers: Readonly<Record<string, string>>): string | undefined {
  return headers['x-tierwise-decision']?.split('/')[1]
}
