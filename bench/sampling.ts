/** Measurements that survive a noisy machine: variants take turns within one run, medians are compared. */
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

/** Runs the contenders in turn, `rounds` times after a tenth as many uncounted. */
export async function interleave(
  contenders: readonly Contender[],
  rounds: number,
): Promise<Sampled[]> {
  const samples = contenders.map((): number[] => [])
  const warmUp = Math.ceil(rounds / 10)
  for (let round = -warmUp; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      const begin = performance.now()
      const own = await contender.run()
      const tookMs = own ?? performance.now() - begin
      if (round >= 0) samples[index]?.push(tookMs)
    }
  }
  return contenders.map(({ name }, index) => {
    const taken = samples[index] ?? []
    return { name, p50Ms: quantile(taken, 0.5), p95Ms: quantile(taken, 0.95) }
  })
}
