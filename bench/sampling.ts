/**
 * Measurements that survive a noisy machine: contenders take turns in blocks within one run, and medians are compared. A
 * block is long enough for caches and connections to be warm, as they are under load.
 */
import { quantile } from 'simple-statistics'

/** One of the things that are timed in turn. */
export interface Contender {
  readonly name: string
  /** Does the thing once. @returns what it took in ms, when the thing itself knows better than the wall clock */
  run(): Promise<number | undefined> | number | undefined
}

const BLOCK = 100

/** Runs blocks of the contenders in turn until each has run `rounds` times, after one uncounted block each. */
export async function interleave(contenders: readonly Contender[], rounds: number) {
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
    return { name, p50Ms: quantile(taken, 0.5) }
  })
}

/** With the processor time that it takes, of all threads: the wall clock of one core that nothing else wants. */
export function timed<Value>(run: () => Value): { readonly value: Value; readonly ms: number } {
  const before = process.cpuUsage()
  const value = run()
  const { user, system } = process.cpuUsage(before)
  return { value, ms: (user + system) / 1000 }
}

/** Something to measure by its rate: `run` does `units` of it, synchronously. */
export interface Work {
  readonly units: number
  run(): void
}

/**
 * Units per second of every contender in every round. A round gives each its turn, once uncounted and once `timed`.
 */
export function ratesByRound<Name extends string>(
  contenders: Readonly<Record<Name, Work>>,
  rounds: number,
): Record<Name, number[]> {
  const names = Object.keys(contenders) as Name[]
  const rates = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    number[]
  >
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const { units, run } = contenders[name]
      run()
      rates[name].push((units * 1000) / timed(run).ms)
    }
  }
  return rates
}

/** Of the values of all rounds. */
export interface Spread {
  readonly median: number
  readonly p5: number
  readonly p95: number
}

/** @param values at least one */
export function spreadOf(values: readonly number[]): Spread {
  const [p5, median, p95] = [0.05, 0.5, 0.95].map((p) => quantile([...values], p)) as [
    number,
    number,
    number,
  ]
  return { median, p5, p95 }
}

/** Of the ratios within each round, in which both had the same machine. */
export function ratioOf(numerator: readonly number[], denominator: readonly number[]): Spread {
  return spreadOf(numerator.map((value, round) => value / denominator[round]))
}
