/** Which variants fit into a node's memory. */
import { residentBytes } from '../backends/resident-bytes.ts'
import type { Catalogue, Variant } from './catalogue.ts'

/** Of `fittingVariants`. */
export interface MemoryLimit {
  readonly limitMb: number
  /** Each holds every variant. */
  readonly workers: number
  /** Growth of a process's resident memory when it loads and runs a model file, bytes; default: measured. */
  readonly measure?: (file: string, warmUpShape: readonly number[]) => Promise<number>
}

/** What was found of one variant. */
export interface MeasuredMemory {
  readonly name: string
  /** Of all workers together, MiB; never less than the file. */
  readonly memoryMb: number
  readonly fits: boolean
}

/**
 * From the smallest up, as many as fit together: a node that cannot hold them all holds those that it can fall back on. What other
 * servers have takes no memory here. ONNX Runtime itself is not counted.
 * @throws UnavailableError when memory cannot be measured
 */
export async function fittingVariants(
  { variants, input }: Pick<Catalogue, 'variants' | 'input'>,
  { limitMb, workers, measure = residentBytes }: MemoryLimit,
): Promise<MeasuredMemory[]> {
  const measured: Omit<MeasuredMemory, 'fits'>[] = []
  for (const variant of variants) {
    const bytes = workers * (await bytesOf(variant, input.shape, measure))
    measured.push({ name: variant.name, memoryMb: bytes / 2 ** 20 })
  }
  let leftMb = limitMb
  return measured
    .toSorted((one, other) => one.memoryMb - other.memoryMb)
    .map((one) => {
      leftMb -= one.memoryMb
      return { ...one, fits: leftMb >= 0 }
    })
}

async function bytesOf(
  { file, bytes = 0 }: Variant,
  shape: readonly number[],
  measure: NonNullable<MemoryLimit['measure']>,
): Promise<number> {
  return typeof file === 'string' ? Math.max(bytes, await measure(file, shape)) : 0
}
