/** Requests without a deadline, sent beside those that have one. */
import { encodeInferRequest } from '../../protocol/codec.ts'
import type { Tensor, WireBody } from '../../protocol/messages.ts'
import type { Random } from '../../random.ts'
import type { SchedulingReport } from '../../serving/scheduling-report.ts'
import type { SimulatedRequest } from '../../simulation/node/serving-node.ts'
import { drawArrivals } from '../../simulation/workload/rate-segments.ts'
import { textTable } from '../table.ts'
import { measureCapacity } from './capacity.ts'
import type { LiveNode } from './live-node.ts'
import type { Answer } from './open-loop.ts'

/** When and as what they are sent. */
export interface Beside {
  /** That the node serves when it is never idle. */
  readonly capacityPerS: number
  readonly ratePerS: number
  readonly arrivalsMs: Float64Array
  readonly wires: readonly WireBody[]
  readonly priority: number
}

/** What became of them under one policy. */
export interface BesideOutcome {
  readonly answered: number
  readonly unanswered: number
  readonly p50Ms: number
  readonly longestMs: number
  /** Longest time to an answer ÷ the node's soft deadline for the variant asked for. */
  readonly longestShare: number
}

/** How many of what are to be sent where. */
export interface BesideOptions {
  readonly node: Pick<LiveNode, 'entries' | 'secured'>
  readonly model: string
  readonly workers: number
  /** Of what the node serves of the model when it is never idle; 0 for none. */
  readonly share: number
  readonly priority: number
  readonly pictures: readonly Tensor[]
  readonly durationMs: number
  readonly random: Random
}

/** Measures the capacity, then draws Poisson arrivals. @throws what the client throws */
export async function drawBeside(options: BesideOptions): Promise<Beside | undefined> {
  const { node, model, workers, share, priority, pictures, durationMs, random } = options
  if (share === 0) return undefined
  const wires = pictures.map((input) =>
    encodeInferRequest({ parameters: { priority }, inputs: [input] }, { binary: true }),
  )
  const [url = ''] = node.entries
  const capacityPerS = await measureCapacity(url, model, wires, workers, node.secured)
  const ratePerS = share * capacityPerS
  const arrivalsMs = drawArrivals([{ ratePerS, durationMs }], random)
  return { capacityPerS, ratePerS, arrivalsMs, wires, priority }
}

/** As the simulator takes them. @param variant asked for */
export function simulatedBeside({ arrivalsMs, priority }: Beside, variant: number) {
  return Array.from(arrivalsMs, (arrivalMs): SimulatedRequest => {
    return { arrivalMs, deadlineMs: Number.POSITIVE_INFINITY, priority, lowestVariant: variant }
  })
}

/** @param report of the node afterwards. @param variant asked for */
export function besideOutcome(
  answers: readonly Answer[],
  report: SchedulingReport,
  variant: string,
): BesideOutcome {
  const timesMs = answers
    .flatMap(({ responseTimeMs, outcome }) => (outcome.kind === 'answered' ? responseTimeMs : []))
    .sort((a, b) => a - b)
  const { softDeadlineMs = Number.NaN } = report.variants.find(({ name }) => name === variant) ?? {}
  const longestMs = timesMs.at(-1) ?? 0
  return {
    answered: timesMs.length,
    unanswered: answers.length - timesMs.length,
    p50Ms: timesMs[Math.floor(timesMs.length / 2)] ?? 0,
    longestMs,
    longestShare: longestMs / softDeadlineMs,
  }
}

/** One policy a row; nothing where none were sent. */
export function besideTable(
  outcomes: readonly { readonly policy: string; readonly beside: BesideOutcome }[],
): string[] {
  if (outcomes.length === 0) return []
  const rows = outcomes.map(({ policy, beside }) => [
    policy,
    String(beside.answered),
    String(beside.unanswered),
    beside.p50Ms.toFixed(1),
    beside.longestMs.toFixed(1),
    beside.longestShare.toFixed(2),
  ])
  const head = ['answered', 'not', 'p50 ms', 'longest ms', 'longest ÷ soft deadline']
  return [textTable(['without a deadline, live', ...head], rows)]
}
