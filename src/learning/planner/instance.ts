/** A planning problem laid out for speed: devices by edge, choices by tier, losses of accuracy in integer hundredths. */
export interface Instance {
  readonly devices: number
  readonly choices: number
  readonly edges: number
  /** Columns [0, firstEdge) are at the device, [firstEdge, firstCloud) at its edge, the rest in the cloud. */
  readonly firstEdge: number
  readonly firstCloud: number
  /** Index of each column's choice in the problem. Shape [choices]. */
  readonly choiceOf: Int32Array
  /** Index of each row's device in the problem; rows of one edge are neighbours. Shape [devices]. */
  readonly deviceOf: Int32Array
  /** Rows of edge e are [start[e], start[e + 1]). Shape [edges + 1]. */
  readonly start: Int32Array
  /** Shape [devices, choices], ms; `closedMs` where the choice is closed. */
  readonly own: Float64Array
  /** The same without closed choices; where loads are fractions, since then there may be hundreds. */
  readonly open?: OpenChoices
  /** Units that make one user of a node: 1 where every load is whole. */
  readonly perUser: number
  /** Units that the choice adds to its node; 0 at the device. Shape [devices, choices]. */
  readonly load: Uint8Array
  /** All that occur but 0, ascending: 1 alone where every load is whole. */
  readonly levels: readonly number[]
  /** More than any decision can save: a finite stand-in for infinity, so that bounds stay bounds and sums stay exact. */
  readonly closedMs: number
  /** Hundredths of a percent below the most accurate choice. Shape [choices]. */
  readonly loss: Float64Array
  /** Accuracy of the most accurate choice. */
  readonly mostHundredths: number
  /** Most hundredths that all devices together may lose. */
  readonly budget: number
  /** Whether some decisions of open choices lose more than the budget and others less. */
  readonly accuracyMatters: boolean
  /** Entry u is the sum of the curve's part of the response times at u units. Shape [edges][most users · units + 1]. */
  readonly edgeTotals: readonly Float64Array[]
  /** The same for the cloud. Shape [most users · units + 1]. */
  readonly cloudTotals: Float64Array
}

/** The choices that are open to each row, without the closed ones between them: of hundreds of cascades a device needs few. */
export interface OpenChoices {
  /** Entries of a row's device, edge and cloud begin here, each where the one before ends. Shape [3 · devices + 1]. */
  readonly first: Int32Array
  // Shape [entries], of a tier by column.
  readonly own: Float64Array
  readonly loss: Float64Array
  readonly column: Uint16Array
  /** Index of the load in the instance's levels; 0 at the device. */
  readonly level: Uint8Array
}
