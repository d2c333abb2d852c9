/** How often each printed line of Algorithm 1 did something: what is written down and never happens shows. */

/** Bands of epochs, by their first. */
const BANDS = [1, 10, 20, 30]

export interface TracedLine {
  readonly line: string
  /** By band of epochs. */
  readonly counts: readonly number[]
}

export class LineTrace {
  private readonly counts = new Map<string, number[]>()
  private readonly epochs = BANDS.map(() => 0)
  private band = 0

  begin(epoch: number): void {
    this.band = BANDS.findLastIndex((first) => first <= epoch)
    this.epochs[this.band]++
  }

  count(line: string, times = 1): void {
    const counts = this.counts.get(line) ?? BANDS.map(() => 0)
    counts[this.band] += times
    this.counts.set(line, counts)
  }

  perEpoch(): Record<string, number[]> {
    return Object.fromEntries([...this.counts].map(([line, counts]) => [line, counts.map((c, b) => c / Math.max(1, this.epochs[b]))]))
  }
}
