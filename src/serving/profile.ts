/** What every variant costs on this node: time and memory, measured, beside its accuracy. */
import { fork } from 'node:child_process'
import { quantile } from 'simple-statistics'
import { UnavailableError } from '../errors.ts'
import { workerUrl } from '../package-files.ts'
import type { Tensor } from '../protocol/messages.ts'
import type { Variant } from './catalogue.ts'
import type { IntelligentService } from './intelligent-service.ts'
import type { ProbeAnswer } from './memory-probe.ts'

export interface ProfileOptions {
  /** Inferences of each variant. */
  readonly runs: number
  readonly input: Tensor
  /** Called after every inference. */
  readonly onProgress?: (done: number, total: number) => void
}

export interface VariantProfile {
  readonly variant: string
  readonly precision: Variant['precision']
  readonly accuracyPercent: number
  readonly accuracySource: string
  /** In a worker, dilation included, waiting excluded. */
  readonly p50Ms: number
  readonly p95Ms: number
  /** Growth of a fresh process when it loads and runs this variant; ONNX Runtime itself is not counted. */
  readonly memoryMb: number
  /** A variant at least as accurate and as fast, and better in one of the two: this one is never worth choosing. */
  readonly dominatedBy?: string
}

/**
 * Measures all variants in turn, again and again, so that a slow minute of the machine meets them all alike.
 * @throws what `IntelligentService.infer` throws; UnavailableError when memory cannot be measured
 */
export async function profileVariants(
  service: IntelligentService,
  { runs, input, onProgress }: ProfileOptions,
): Promise<VariantProfile[]> {
  const { catalogue, variants } = service
  const timesMs = new Map<string, number[]>(variants.map((variant) => [variant, []]))
  for (let run = 0; run < runs; run++) {
    for (const [index, variant] of variants.entries()) {
      const { computeMs } = await service.infer(variant, { inputs: [input] })
      timesMs.get(variant)?.push(computeMs)
      onProgress?.(run * variants.length + index + 1, runs * variants.length)
    }
  }
  const profiles: VariantProfile[] = []
  for (const { name, file, precision, accuracyPercent, accuracySource } of catalogue.variants) {
    const times = timesMs.get(name) ?? []
    const p50Ms = quantile(times, 0.5)
    const p95Ms = quantile(times, 0.95)
    const memoryMb = (await residentBytes(file, input.shape)) / 2 ** 20
    const measured = { p50Ms, p95Ms, memoryMb }
    profiles.push({ variant: name, precision, accuracyPercent, accuracySource, ...measured })
  }
  return markDominated(profiles)
}

type Rated = Pick<VariantProfile, 'variant' | 'accuracyPercent' | 'p50Ms'>

/** Names for each dominated profile its most accurate dominator, the fastest of equals. */
export function markDominated<Profile extends Rated>(
  profiles: readonly Profile[],
): (Profile & { readonly dominatedBy?: string })[] {
  return profiles.map((profile) => {
    const [best] = profiles
      .filter((other) => dominates(other, profile))
      .sort((a, b) => b.accuracyPercent - a.accuracyPercent || a.p50Ms - b.p50Ms)
    return best ? { ...profile, dominatedBy: best.variant } : profile
  })
}

function dominates(one: Rated, other: Rated): boolean {
  if (one.accuracyPercent < other.accuracyPercent || one.p50Ms > other.p50Ms) return false
  return one.accuracyPercent > other.accuracyPercent || one.p50Ms < other.p50Ms
}

/**
 * Growth of a fresh process's resident memory when it loads and runs a model.
 * @param warmUpShape sizes for the dimensions that the model leaves open
 * @throws UnavailableError when the process fails
 */
export function residentBytes(file: string, warmUpShape: readonly number[]): Promise<number> {
  const script = workerUrl('memory-probe', import.meta.url)
  const probe = fork(script, [file, JSON.stringify(warmUpShape)], { execArgv: ['--expose-gc'] })
  return new Promise((resolve, reject) => {
    probe.once('message', (answer: ProbeAnswer) => {
      if ('bytes' in answer) resolve(answer.bytes)
      else reject(new UnavailableError(`the memory of ${file} cannot be measured: ${answer.error}`))
    })
    probe.once('error', reject)
    probe.once('exit', (code) => {
      reject(new UnavailableError(`the process measuring ${file} ended with code ${code}`))
    })
  })
}
