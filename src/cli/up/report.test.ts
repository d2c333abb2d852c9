import { expect, test } from 'vitest'
import type { LiveTelemetry } from '../../control/telemetry-message.ts'
import { upSettings } from '../settings/up.ts'
import { reportOf } from './outcome.ts'
import {
  catalogue,
  comparison,
  latest,
  learned,
  rounds,
  run,
  settings,
  unsure,
} from './report.fixture.ts'
import { formatReport } from './report.ts'
import { reportPage } from './report-page.ts'

test('the report holds what was measured', () => {
  const report = reportOf(run)
  expect(report).toMatchObject({
    goal: 85,
    agent: 'factored',
    mode: 'pushed',
    rounds: 100,
    realSteps: 100,
    plannedSteps: 900,
    requests: 101,
    failedRequests: 0,
    accuracyPercent: 88.9,
    goalViolations: 1,
    responseTimeMs: { first: 90, last: 36, oracle: 35 },
    decisions: [{ device: 'device-1', learned: 'end/d4', oracle: 'end/d4' }],
    emulation: { timeScale: 0.2, ratios: { measured: { edge: 0.75, cloud: 0.8 } } },
  })
  expect(report.gapPercent).toBeCloseTo(2.857, 3)
})

test('as text it names the goal, the gap, and how every fixed strategy compares', () => {
  const text = formatReport(reportOf(run), settings)
  expect(text).toContain('90.0 ms at first → 36.0 ms at last   (oracle 35.0 ms, gap 2.9 %)')
  const busy = { ...reportOf(run), gapPercent: -30.4 }
  expect(formatReport(busy, settings)).toContain('no gap, 30.4 % below it)')
  expect(text).toMatch(/end\/d0 +90\.0 ms +89\.9 % +– +met +2\.50 × faster/)
  expect(text).toMatch(/end\/d7 +12\.0 ms +72\.8 % +– +missed/)
  expect(text).toContain('Emulated speeds and links: 0.2 × the paper')
})

test('what the agent believes, what a shadow would do and a revert are told where there is any', () => {
  const told = {
    ...latest,
    explanation: { responseTimeMs: 36, lowerBoundMs: 35.964, gapPercent: 0.1, inForce: true },
    shadow: {
      agent: 'hybrid',
      rounds: 100,
      agreementPercent: 81,
      savingPercent: -2.5,
      judgeErrorPercent: 4,
      goalViolations: 0,
    },
    answers: { heard: 12, dropped: 3 },
    revert: { rule: 'safe', reason: 'asked for' },
  }
  const report = reportOf({ ...run, learned: { ...learned, latest: told } })
  expect(report).toMatchObject({
    explanation: told.explanation,
    shadow: told.shadow,
    singleRequests: told.answers,
    revert: told.revert,
  })
  const text = formatReport(report, settings)
  expect(text).toContain('36.0 ms, none below 36.0 ms (gap 0.1 %), by what is learned')
  expect(text).toContain('shadow hybrid: same decision in 81 % of 100 rounds, 2.5 % slower')
  expect(text).toContain('to safe: asked for')
  const plain = formatReport(reportOf(run), settings)
  for (const word of ['Certified', 'Proposals', 'Reverted']) expect(plain).not.toContain(word)
})

test('the rounds until the oracle was reached are told, or that it was not', () => {
  // 36 ms from round 50 on; a window of 20 with k rounds of 90 ms is within 10 % of 35 ms (38.5) while 36 + 2.7 k <= 38.5: k = 0.
  const report = reportOf(run)
  expect(report.roundsUntilWithin10Percent).toBe(50)
  expect(formatReport(report, settings)).toContain('Within 10 % of oracle   after 50 rounds')
  const quick = { ...comparison, oracle: { placements: ['end/d7'], responseTimeMs: 12 } }
  const slow = reportOf({ ...run, comparison: quick })
  expect(slow.roundsUntilWithin10Percent).toBeUndefined()
  expect(formatReport(slow, settings)).toContain('not for good in 100 rounds')
})

test('a run that was interrupted before the comparison reports what there is', () => {
  const report = reportOf({ ...run, learned: { ...learned, rounds: [] }, comparison: undefined })
  expect(report.responseTimeMs).toEqual({ first: undefined, last: undefined, oracle: undefined })
  expect(formatReport(report, settings)).toContain('– at first → – at last')
})

test('on real machines nothing is called emulated', () => {
  const real = { ...upSettings.parse({ devices: 1, emulation: false }), goal: 85 }
  const report = reportOf({ ...run, settings: real })
  expect(report.emulation).toBeUndefined()
  expect(formatReport(report, real)).not.toContain('mulated')
})

/** Telemetry, as far as the report reads it. */
function audited(audited: number, agreed: number) {
  const inService = {
    ...{ judged: 0, plannedPercent: 0, seenPercent: 0, audited, agreed, labelled: 0, right: 0 },
  }
  return { inService } as LiveTelemetry
}

test('labels, escalations and pictures are told where there are any', () => {
  const answers = [unsure]
  const cascades = [
    {
      ...{ small: 'd0', large: 'd0' },
      points: [{ margin: 0.5, escalatedPercent: 10, accuracyPercent: 92 }],
    },
  ]
  const placements = { 'device-1': 'end/d0>edge/d0@0.5' }
  const escalating = rounds.map((round) => ({ ...round, placements }))
  const report = reportOf({
    ...run,
    catalogue: { ...catalogue, cascades },
    learned: {
      ...learned,
      rounds: escalating,
      tests: {
        measured: { answers: 1000, accuracyPercent: 92.1, interval: [90.3, 93.6] },
        answers,
      },
      escalatedBy: { 'device-1': { answers: 200, escalated: 24 } },
    },
    nodes: [audited(40, 39), audited(10, 9)],
  })
  expect(report).toMatchObject({
    measured: { answers: 1000, accuracyPercent: 92.1, interval: [90.3, 93.6] },
    escalation: { plannedPercent: 10, seenPercent: 12 },
    audit: { answers: 50, agreedPercent: 96 },
    answers,
  })
  expect(report.escalation?.perDevice['device-1']).toEqual({
    ...{ plannedPercent: 10, seenPercent: 12, answers: 200 },
  })
  const text = formatReport(report, settings)
  expect(text).toContain(
    '92.1 % of 1000 labelled pictures (95 %: 90.3 to 93.6 %): the goal of 85 % is below that',
  )
  expect(text).toContain('12.0 % of the answers that might, 10.0 % planned')
  expect(text).toMatch(
    /Coat 54\.2 % +wrong: labelled Shirt +device-1 +d4 on the device, unsure .*then d0 at the edge +41\.0 ms/,
  )
})

test('what was promised is said for each goal that was in force', () => {
  const changed = rounds.map((round, index) => ({
    ...round,
    ...(index < 60
      ? { goalPercent: 89, accuracyPercent: 89.4, violated: false }
      : { goalPercent: 80, accuracyPercent: 81.1, violated: index === 99 }),
  }))
  const report = reportOf({ ...run, learned: { ...learned, rounds: changed } })
  expect(report.goals).toEqual([
    { goalPercent: 89, rounds: 60, accuracyPercent: expect.closeTo(89.4, 9), violations: 0 },
    { goalPercent: 80, rounds: 40, accuracyPercent: expect.closeTo(81.1, 9), violations: 1 },
  ])
  const text = formatReport(report, settings)
  expect(text).toContain(
    'Average accuracy        89.4 % promised for a goal of 89 %, broken in 0 of 60',
  )
  expect(text).toContain(
    '\n                        81.1 % promised for a goal of 80 %, broken in 1 of 40',
  )
})

test('the page has the same figures, a picture, and no text as HTML', () => {
  const report = { ...reportOf(run), agent: '<b>mine</b>.mjs' }
  const page = reportPage(report, rounds, settings, [])
  expect(page).toContain('&lt;b>mine')
  expect(page).not.toContain('<b>mine')
  expect(page).toContain('<td>90.0 ms at first → 36.0 ms at last')
  expect(page).toContain('<td>2.50 × faster</td>')
  expect(page).toMatch(/<svg[^>]*role="img"/)
  expect(page).not.toMatch(/(src|href)="(?!data:|#)/)
  expect(page).toContain('<a href="#fixed-strategies">Fixed strategies</a>')
  expect(page).toContain('download="rounds.csv"')
})

test('the page has the pictures beside their answers, in itself', () => {
  const image = 'data:image/png;base64,AA=='
  const page = reportPage(reportOf(run), rounds, settings, [{ ...unsure, image }, unsure])
  expect(page.match(/<img src="data:image\/png;base64,AA==" alt="Shirt">/g)).toHaveLength(1)
  expect(page).toContain('<b>Coat 54.2 %</b>')
  expect(page).toContain('wrong: labelled Shirt')
  expect(page).toContain('d4 on the device, unsure (margin 0.21, below 0.5); then d0 at the edge')
  expect(page).not.toMatch(/(src|href)="(?!data:|#)/)
})
