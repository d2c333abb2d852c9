import { describePolicy } from '../scheduling-policy.conformance.ts'
import { adaptiveSmdp, type SmdpTable, solveSmdp } from './adaptive-smdp.ts'
import { anticipatingFit } from './anticipating-fit.ts'
import { Jellyfish } from './jellyfish.ts'
import {
  edfLargestFeasible,
  edfQuickestFirst,
  fixed,
  largest,
  modelSwitching,
  slackFit,
  smallest,
} from './rules.ts'
import { uniformFit, uniformFitDrop } from './uniform-fit.ts'

const anyLadder = { batches: true }
const tables = new Map<number, SmdpTable>()

describePolicy('smallest', smallest, anyLadder)
describePolicy('fixed', () => fixed(1), anyLadder)
describePolicy('largest', largest, anyLadder)
describePolicy('edf-largest-feasible', edfLargestFeasible, anyLadder)
describePolicy('edf-quickest-first', edfQuickestFirst, anyLadder)
describePolicy('slack-fit', slackFit, anyLadder)
describePolicy('uniform-fit', uniformFit, anyLadder)
describePolicy('uniform-fit-drop', uniformFitDrop, anyLadder)
describePolicy('anticipating-fit', anticipatingFit, anyLadder)
describePolicy('model-switching', () => modelSwitching([2000, 600, 200, 50]), anyLadder)
describePolicy('jellyfish', (setup) => new Jellyfish(setup), anyLadder)

for (const guard of [false, true]) {
  describePolicy(
    guard ? 'adaptive-smdp' : 'adaptive-smdp without its guard',
    (setup) => {
      const small = { ...setup, queueStates: 6, slackStates: 11, rates: 3 }
      const table = tables.get(setup.workers) ?? solveSmdp(small)
      tables.set(setup.workers, table)
      return adaptiveSmdp({ table, guard })
    },
    { batches: false },
  )
}
