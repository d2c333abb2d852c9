/**
 * What a node tells about an answer, in its headers. Times are in milliseconds with three decimals.
 *
 * | header | meaning |
 * |---|---|
 * | `x-tierwise-decision` | tier and variant that served: `edge/d0` |
 * | `x-tierwise-decided` | tier and variant that the decision named |
 * | `x-tierwise-round` | round of the decision; 0 before any |
 * | `x-tierwise-fallback` | `1` when another placement than the decided one served; a smaller variant for a deadline included |
 * | `x-tierwise-accuracy` | accuracy of the variant that served, percent |
 * | `x-tierwise-response-ms` | from the whole request being here to the whole answer being ready to send |
 * | `x-tierwise-queue-ms` | of it, waiting for a worker, on the node that served |
 * | `x-tierwise-compute-ms` | of it, in the worker, on the node that served |
 * | `x-tierwise-network-ms` | of it, waiting for other nodes (vain attempts included) without their queue and compute |
 * | `x-tierwise-overhead-ms` | the rest: what this node itself added, the decision included |
 * | `x-tierwise-label` | of a picture: the likeliest class, percent-encoded where it is not plain ASCII |
 *
 * `x-tierwise-node` is the name of the node that answers, in every answer of its server. A node that serves the variant it was asked for, or for a deadline a smaller one, gives decision, accuracy and times
 * only. An error's `x-tierwise-error` is its stable code: `deadline` for a request dropped because of its deadline.
 */
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

/** One answer, as its headers tell of it. */
export interface Served extends TimeParts {
  readonly placement: Placement
  readonly accuracyPercent: number
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
export function decidedHeaders(served: Served, decided: Placement, round: number) {
  const headers = servedHeaders(served)
  headers['x-tierwise-decided'] = formatPlacement(decided)
  headers['x-tierwise-round'] = String(round)
  if (headers['x-tierwise-decision'] !== headers['x-tierwise-decided']) {
    headers['x-tierwise-fallback'] = '1'
  }
  return headers
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
