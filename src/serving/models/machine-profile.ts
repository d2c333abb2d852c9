/** The profile of a machine: what every variant costs on it, time and memory, measured, beside its accuracy. */
import { quantile } from 'simple-statistics'
import type { Tensor } from '../../protocol/messages.ts'
import type { OperatorsByProvider } from '../backends/operators.ts'
import { residentBytes } from '../backends/resident-bytes.ts'
import type { IntelligentService } from '../intelligent-service.ts'
import { fileOf, type Variant } from './catalogue.ts'

/** Of `measureMachine`. */
export interface MeasureOptions {
  /** Inferences of each variant. */
  readonly runs: number
  readonly input: Tensor
  /** Called after every inference. */
  readonly onProgress?: (done: number, total: number) => void
}

/** What one variant costs on this machine. */
export interface MeasuredVariant {
  readonly variant: string
  readonly precision: Variant['precision']
  readonly accuracyPercent: number
  readonly accuracySource: string
  /** In a worker, dilation included, waiting excluded. */
  readonly p50Ms: number
  readonly p95Ms: number
  /** Growth of a fresh process when it loads and runs this variant; ONNX Runtime itself is not counted. */
  readonly memoryMb: number
  /** What ran it; absent where no execution providers were named: the processor did. */
  readonly operators?: OperatorsByProvider
  /** A variant at least as accurate and as fast, and better in one of the two: this one is never worth choosing. */
  readonly dominatedBy?: string
}

/**
 * Measures all variants in turn, again and again, so that a slow minute of the machine meets them all alike.
 * @throws what `IntelligentService.infer` throws; UnavailableError when memory cannot be measured
 */
export async function measureMachine(
  service: IntelligentService,
  { runs, input, onProgress }: MeasureOptions,
): Promise<MeasuredVariant[]> {
  const { catalogue, variants } = service
  const timesMs = new Map<string, number[]>(variants.map((variant) => [variant, []]))
  for (let run = 0; run < runs; run++) {
    for (const [index, variant] of variants.entries()) {
      const { computeMs } = await service.infer(variant, { inputs: [input] })
      timesMs.get(variant)?.push(computeMs)
      onProgress?.(run * variants.length + index + 1, runs * variants.length)
    }
  }
  const measured: MeasuredVariant[] = []
  for (const variant of catalogue.variants) {
    const { name, precision, accuracyPercent, accuracySource } = variant
    const times = timesMs.get(name) ?? []
    const p50Ms = quantile(times, 0.5)
    const p95Ms = quantile(times, 0.95)
    const memoryMb = (await residentBytes(fileOf(variant), input.shape)) / 2 ** 20
    const operators = service.operators?.[name]
    const costs = { p50Ms, p95Ms, memoryMb, ...(operators && { operators }) }
    measured.push({ variant: name, precision, accuracyPercent, accuracySource, ...costs })
  }
  return markDominated(measured)
}

type Rated = Pick<MeasuredVariant, 'variant' | 'accuracyPercent' | 'p50Ms'>

/** Names for each dominated variant its most accurate dominator, the fastest of equals. */
export function markDominated<One extends Rated>(
  variants: readonly One[],
): (One & { readonly dominatedBy?: string })[] {
  return variants.map((variant) => {
    const [best] = variants
      .filter((other) => dominates(other, variant))
      .sort((a, b) => b.accuracyPercent - a.accuracyPercent || a.p50Ms - b.p50Ms)
    return best ? { ...variant, dominatedBy: best.variant } : variant
  })
}

function dominates(one: Rated, other: Rated): boolean {
  if (one.accuracyPercent < other.accuracyPercent || one.p50Ms > other.p50Ms) return false
  return one.accuracyPercent > other.accuracyPercent || one.p50Ms < other.p50Ms
}
