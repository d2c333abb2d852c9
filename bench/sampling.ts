/**
 * Measurements that survive a noisy machine: contenders take turns in blocks within one run, and medians are compared. A
 * block is long enough for caches and connections to be warm, as they are under load.
 */
import { quantile } from 'simple-statistics'

export interface Contender {
  readonly name: string
  /** Does the thing once. @returns what it took in ms, when the thing itself knows better than the wall clock */
  run(): Promise<number | undefined> | number | undefined
}

export interface Sampled {
  readonly name: string
  readonly p50Ms: number
  readonly p95Ms: number
}

const BLOCK = 100

/** Runs blocks of the contenders in turn until each has run `rounds` times, after one uncounted block each. */
export async function interleave(
  contenders: readonly Contender[],
  rounds: number,
): Promise<Sampled[]> {
  const samples = contenders.map((): number[] => [])
  for (let block = -1; block < rounds / BLOCK; block++) {
    for (const [index, contender] of contenders.entries()) {
      for (let run = 0; run < BLOCK; run++) {
        const begin = performance.now()
        const own = await contender.run()
        const tookMs = own ?? performance.now() - begin
        if (block >= 0) samples[index]?.push(tookMs)
      }
    }
  }
  return contenders.map(({ name }, index) => {
    const taken = samples[index] ?? []
    return { name, p50Ms: quantile(taken, 0.5), p95Ms: quantile(taken, 0.95) }
  })
}
