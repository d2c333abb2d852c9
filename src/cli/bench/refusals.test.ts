import { expect, it } from 'vitest'
import type { Answer } from './open-loop.ts'
import { refusalsOf, refusalsTable } from './refusals.ts'

const served = { kind: 'answered', variant: 'd0', tier: 'edge', accuracyPercent: 90 } as const
const answer = (responseTimeMs: number, outcome: Answer['outcome'], lagMs?: number): Answer => {
  return { intendedMs: 0, lagMs, responseTimeMs, outcome }
}
const dropped = (reason: 'refused' | 'queue-full' | 'expired', responseTimeMs: number) =>
  answer(responseTimeMs, { kind: 'dropped', reason }, 0)

it('tells how soon refusals come, and how those fare that are taken', () => {
  const refusals = refusalsOf(
    [
      ...[1, 2, 3].map((ms) => dropped('refused', ms)),
      dropped('queue-full', 160),
      dropped('expired', 140),
      answer(150, served, 0),
      answer(151, served, 0),
      answer(10, { kind: 'failed', reason: 'status 500' }, 0),
      // Never sent: the node cannot have refused it.
      answer(0, { kind: 'failed', reason: 'not sent' }),
    ],
    150,
  )
  expect(refusals).toEqual({
    count: 5,
    medianMs: 3,
    p99Ms: expect.closeTo(159.2, 9),
    beforeDeadlinePercent: 80,
    admittedInTimePercent: 25,
  })
  expect(refusalsTable([{ policy: 'smallest', refusals }])[0]).toMatch(
    /smallest +5 +3\.0 +159\.2 +80\.0 +25\.0/,
  )
})

it('tells nothing where nothing was refused', () => {
  const refusals = refusalsOf([answer(20, served, 0)], 150)
  expect(refusals).toMatchObject({ count: 0, medianMs: null, admittedInTimePercent: 100 })
  expect(refusalsTable([{ policy: 'smallest', refusals }])).toEqual([])
  expect(refusalsOf([], 150).admittedInTimePercent).toBeNull()
})
