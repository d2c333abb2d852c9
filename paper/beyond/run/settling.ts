/** From when on decisions stay near the best one. */

/** Steps until the greedy decision is within so much of the optimum and stays there as long as is looked; null: not seen. */
export type Settled = Readonly<Record<'1 %' | '2 %' | '5 %', number | null>>

const TOLERANCES = { '1 %': 0.01, '2 %': 0.02, '5 %': 0.05 } as const
/** Equal response times that were added up in another order. */
const ROUNDING = 1e-9

/**
 * @param ratios response times of the greedy decisions to that of the best one: before the first step, and after each; at least one
 * @returns for each tolerance the number of steps after which all ratios are within it
 */
export function settledAt(ratios: readonly number[]): Settled {
  const within = (tolerance: number) => {
    const last = ratios.findLastIndex((ratio) => !(ratio <= 1 + tolerance + ROUNDING))
    return last === ratios.length - 1 ? null : last + 1
  }
  return {
    '1 %': within(TOLERANCES['1 %']),
    '2 %': within(TOLERANCES['2 %']),
    '5 %': within(TOLERANCES['5 %']),
  }
}
