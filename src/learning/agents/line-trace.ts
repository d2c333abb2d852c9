/** How often each printed line of Algorithm 1 did something: what is written down and never happens shows. */

/** The printed lines that are counted, and what one count is. */
const LINES = [
  ['7', 'direct sessions'],
  ['11', 'real steps, ε-greedy'],
  ['15', 'updates of Q on D_direct'],
  ['16', "Q' ← Q"],
  ['20 wide', 'rows solved into the wide part of System'],
  ['20 deep', 'updates of the deep part of System'],
  ['22', 'suggestion sessions'],
  ['24', 'best decision by System'],
  ['25', "s' drawn from System"],
  ['27', 'decisions in A'],
  ['30 real', 'of A, tried for real'],
  ['30 System', 'of A, predicted by System'],
  ['31', 'put into D_plan'],
  ['33', 'of A, refreshed in D_plan'],
  ['34', "s ← s'"],
  ['37', 'updates of Q on D_plan'],
  ['38', "Q' ← Q"],
] as const

/** A printed line by its number; lines that mean two things are two. */
export type Line = (typeof LINES)[number][0]

/** First epoch of each band of epochs that is counted by itself. */
export const BANDS = [1, 10, 20, 30] as const

export interface TracedLine {
  readonly line: Line
  readonly counts: string
  readonly total: number
  /** Average over the epochs of each of `BANDS`; null where there was none. */
  readonly perEpoch: readonly (number | null)[]
}

/** Counts of one agent since it was made or last restored. */
export class LineTrace {
  /** [bands] */
  private readonly epochs = BANDS.map(() => 0)
  private readonly counts = new Map<Line, number[]>()
  private band = 0

  /** Line 4. */
  begin(epoch: number): void {
    this.band = BANDS.findLastIndex((first) => first <= epoch)
    this.epochs[this.band]++
  }

  count(line: Line, times = 1): void {
    const counts = this.counts.get(line) ?? BANDS.map(() => 0)
    counts[this.band] += times
    this.counts.set(line, counts)
  }

  /** All lines, in the order of the listing. */
  lines(): TracedLine[] {
    return LINES.map(([line, counts]) => {
      const counted = this.counts.get(line) ?? BANDS.map(() => 0)
      const total = counted.reduce((sum, count) => sum + count, 0)
      const perEpoch = this.epochs.map((epochs, band) =>
        epochs > 0 ? counted[band] / epochs : null,
      )
      return { line, counts, total, perEpoch }
    })
  }
}
