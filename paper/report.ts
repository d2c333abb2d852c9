/** What an experiment reports: numbers beside the paper's, claims that hold or fail, pictures. */

/** One number of the paper beside ours. */
export interface Comparison {
  /** What is compared, with its unit; comparisons of one measure form a table. */
  readonly measure: string
  /** Which cell of the paper's table it is: `{ users: '5', goal: '85 %' }`. */
  readonly cell: Cell
  /** null: the paper has no such number. */
  readonly paper: number | null
  /** null: beyond what the runs can show. */
  readonly ours: number | null
  /** Bounds of the interval; null as above. */
  readonly low: number | null
  readonly high: number | null
  /** `lower` and `higher` judge nothing: the paper claims nothing of such a number. `undecided`: the interval has no bound. */
  readonly verdict:
    | 'reproduced'
    | 'better'
    | 'worse'
    | 'lower'
    | 'higher'
    | 'undecided'
    | 'not in the paper'
  readonly note: string
  /** To print; by default as many as the size of a number asks for. */
  readonly decimals?: number
}

/** Names of a table’s rows and columns, and which of each; the last one is the column. */
export type Cell = Readonly<Record<string, string>>

/** A statement of the paper, or of ours, that the runs can bear out or not. */
export interface Claim {
  readonly claim: string
  /** The numbers it is judged by. */
  readonly measured: string
  readonly holds: boolean
  /** How many runs it is judged by, where it counts them. */
  readonly runs?: number
}

/** What a claim came to: one seed, or one run, bears nothing out, though it may refute. */
export function outcomeOf(
  { holds, runs }: Claim,
  seeds: number,
): 'holds' | 'fails' | 'one run only' {
  if (!holds) return 'fails'
  return Math.min(seeds, runs ?? seeds) > 1 ? 'holds' : 'one run only'
}

/** A picture, and what it shows. */
export interface Chart {
  /** File name without extension. */
  readonly name: string
  readonly caption: string
  readonly svg: string
}

/** All that is told of an experiment. */
export interface Report {
  /** What was run, what the numbers and the intervals are, and when a verdict is which. */
  readonly method: readonly string[]
  /** The outcome in a sentence or two. */
  readonly summary: string
  /** Only those that the sweep can judge. */
  readonly claims: readonly Claim[]
  readonly comparisons: readonly Comparison[]
  readonly charts: readonly Chart[]
}

/** Comparisons whose cell has these values. */
export function inCell(comparisons: readonly Comparison[], cell: Cell): Comparison[] {
  return comparisons.filter((each) =>
    Object.entries(cell).every(([name, value]) => each.cell[name] === value),
  )
}
