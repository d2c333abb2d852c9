/** Gains in every cell that the sweep asks for: one that is missing, or without a finite number, is no cell in which something holds. */
import type { Claim } from '../report.ts'
import { distinct, grouped } from '../runs.ts'
import { signed } from './measures.ts'
import { average, gainOf, nodeName, pairsOf, type Score } from './scores.ts'
import { sweep, TRAINING_SEEDS, WORKLOADS } from './sweep.ts'

/** One workload on one node, and of a learned policy one training: the mean over the test seeds. */
export interface CellGain {
  readonly node: string
  readonly scenario: string
  /** Of a learned policy. */
  readonly trainingSeed: number | undefined
  /** Not a number where it is missing. */
  readonly gain: number
}

/** @param policy of the sweep. @param other not a learned one. @returns one for every cell that a full sweep has of the policy */
export function gainsByCell(scores: readonly Score[], policy: string, other: string): CellGain[] {
  const keyOf = (node: string, scenario: string, trainingSeed?: number) =>
    JSON.stringify([node, scenario, trainingSeed])
  const found = new Map(
    grouped(pairsOf(scores, policy, other), ({ own }) =>
      keyOf(own.node, own.scenario, own.trainingSeed),
    ),
  )
  const asked = sweep({ quick: false, seeds: 1 }).filter((settings) => settings.policy === policy)
  const trainings = asked.some(({ training }) => training) ? TRAINING_SEEDS : [undefined]
  return distinct(asked.map(({ node }) => nodeName(node))).flatMap((node) =>
    WORKLOADS.flatMap(({ name: scenario }) =>
      trainings.map((trainingSeed) => {
        const pairs = found.get(keyOf(node, scenario, trainingSeed)) ?? []
        return { node, scenario, trainingSeed, gain: average(pairs.map(gainOf)) }
      }),
    ),
  )
}

/** Holds if in every cell so much is gained at least. */
export function claimOfCells(claim: string, cells: readonly CellGain[], least: number): Claim {
  const shown = cells.filter(({ gain }) => Number.isFinite(gain))
  const below = shown.filter(({ gain }) => gain < least)
  const missing = cells.length - shown.length
  const [lowest] = shown.toSorted((one, other) => one.gain - other.gain)
  const parts = [
    lowest ? `lowest ${signed(lowest.gain)} (${nameOf(lowest)})` : 'nothing was run',
    `below in ${below.length} of ${cells.length} cells`,
    ...(missing > 0 ? [`missing or infinite in ${missing}`] : []),
  ]
  const holds = cells.length > 0 && missing === 0 && below.length === 0
  return { claim, measured: parts.join('; '), holds }
}

function nameOf({ scenario, node, trainingSeed }: CellGain): string {
  const training = trainingSeed === undefined ? '' : `, training seed ${trainingSeed}`
  return `${scenario}, ${node}${training}`
}
