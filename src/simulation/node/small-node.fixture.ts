/** A node so small that its services can be added up by hand. */
import { createLadder } from '../../scheduling/ladder.ts'
import type { SimulatedNode, SimulateNodeOptions } from './simulate-node.ts'

export const node: SimulatedNode = {
  ladder: createLadder([
    { name: 'small', accuracyPercent: 50, serviceTimesMs: [1] },
    { name: 'large', accuracyPercent: 80, serviceTimesMs: [4] },
  ]),
  workers: 1,
  deadlineMs: 10,
}

export const options: SimulateNodeOptions = { seed: 1, signal: new AbortController().signal }
