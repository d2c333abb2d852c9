import { expect, test } from 'vitest'
import { claimOfCells, gainsByCell } from './cells.ts'
import { finishedSweep } from './example-scores.fixture.ts'
import { scoresOf } from './scores.ts'
import { HINDSIGHT, WORKLOADS } from './sweep.ts'

const OURS = 'anticipating-fit'
/** The learned policy is 1 point better than the rule, but for one training in one workload of one ladder. */
const SCORES = scoresOf(
  finishedSweep(({ policy, node, training }, scenario) => {
    if (policy !== HINDSIGHT) return 60
    const isBad = scenario === 'proteus-0.6' && node.ladder === 'fashion' && training?.seed === 2002
    return isBad ? 59.7 : 61
  }),
)

test('there is a cell for every node and workload that the sweep asks for, and every training', () => {
  expect(gainsByCell(SCORES, OURS, 'slack-fit')).toHaveLength(11 * WORKLOADS.length)
  const learned = gainsByCell(SCORES, HINDSIGHT, OURS)
  expect(learned).toHaveLength(9 * WORKLOADS.length * 3)
  expect(learned.filter(({ gain }) => gain === 1)).toHaveLength(learned.length - 3)
})

test('one bad cell fails a claim, and is named', () => {
  const claim = claimOfCells('claimed', gainsByCell(SCORES, HINDSIGHT, OURS), -0.2)
  expect(claim.holds).toBe(false)
  expect(claim.measured).toMatch(/^lowest −0.30 \(proteus-0.6, fashion, .*, training seed 2002\)/)
  expect(claim.measured).toContain('below in 3 of 1296 cells')
  expect(claimOfCells('claimed', gainsByCell(SCORES, HINDSIGHT, OURS), -0.4).holds).toBe(true)
})

test('a cell that is missing or infinite fails a claim, and so does a sweep without any', () => {
  const holdsOf = (scores: typeof SCORES) =>
    claimOfCells('claimed', gainsByCell(scores, OURS, 'slack-fit'), -0.1)
  expect(holdsOf(SCORES).holds).toBe(true)
  const isOne = ({ policy, scenario }: (typeof SCORES)[number]) =>
    policy === OURS && scenario === 'ramsis-1.5'
  const missing = holdsOf(SCORES.filter((score) => !isOne(score)))
  expect(missing).toMatchObject({ holds: false })
  expect(missing.measured).toContain('missing or infinite in 11')
  const infinite = SCORES.map((score) =>
    isOne(score) ? { ...score, effectiveAccuracyPercent: Infinity } : score,
  )
  expect(holdsOf(infinite).holds).toBe(false)
  expect(holdsOf([])).toMatchObject({ holds: false })
})
