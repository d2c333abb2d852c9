import { describe, expect, test } from 'vitest'
import type { AnswerReport } from '../control/messages.ts'
import type { Tier } from '../fleet/placement.ts'
import { reportOf } from './answer.fixture.ts'
import { DeviceRecord, hasFallenBack } from './device-record.ts'

const at = (tier: Tier, variant = 'd0') => ({ tier, variant })
const answer = (tier: Tier, responseTimeMs: number, failed = false) =>
  reportOf({ served: at(tier), responseTimeMs, failed })

/** Of answers one ms after another, from 1 on. */
function recordOf(reports: readonly AnswerReport[]): DeviceRecord {
  const record = new DeviceRecord()
  for (const [index, report] of reports.entries()) record.hear(report, index + 1)
  return record
}

describe('answers', () => {
  test('of a device that has said nothing are none', () => {
    const record = new DeviceRecord()
    expect(record.since(0)).toEqual({ meanMs: undefined, byTier: { end: 0, edge: 0, cloud: 0 } })
    expect(record.answers).toEqual([])
  })

  test('since a time: that time counts, failures do not', () => {
    const record = recordOf([
      answer('end', 100),
      answer('edge', 10),
      answer('cloud', 999, true),
      answer('cloud', 20),
      answer('edge', 30),
    ])
    expect(record.since(2)).toEqual({ meanMs: 20, byTier: { end: 0, edge: 2, cloud: 1 } })
    expect(record.since(3)).toEqual({ meanMs: 25, byTier: { end: 0, edge: 1, cloud: 1 } })
    expect(record.since(6).meanMs).toBeUndefined()
    expect(record.answers).toEqual([
      [1, 100, 'end'],
      [2, 10, 'edge'],
      [4, 20, 'cloud'],
      [5, 30, 'edge'],
    ])
    expect(record.newest?.responseTimeMs).toBe(30)
  })

  test('256 are kept as numbers, 20 in full: the newest', () => {
    const record = recordOf(Array.from({ length: 600 }, (_, index) => answer('end', index)))
    const { answers, requests } = record
    expect([answers.length, answers[0], answers.at(-1)]).toEqual([
      256,
      [345, 344, 'end'],
      [600, 599, 'end'],
    ])
    expect(record.since(0).byTier.end).toBe(256)
    expect([requests.length, requests[0]?.atMs, requests.at(-1)?.atMs]).toEqual([20, 581, 600])
  })

  test('in full have both placements as text, and what was unsure of it', () => {
    const escalation = { escalated: true, margin: 0.25, firstMs: 3 }
    const [request] = recordOf([
      reportOf({ decided: at('end', 'd3'), served: at('cloud'), escalation }),
    ]).requests
    expect(request).toEqual({
      ...{ atMs: 1, decided: 'end/d3', served: 'cloud/d0', accuracyPercent: 90, failed: false },
      ...{ responseTimeMs: 10, queueMs: 1, computeMs: 8, networkMs: 0, escalation },
    })
  })
})

test('a decision is kept when it is another one, the newest 50 of them', () => {
  const record = new DeviceRecord()
  record.decide('end/d0', 1)
  record.decide('end/d0', 2)
  record.decide('edge/d0', 3)
  record.decide('end/d0', 4)
  expect(record.decisions).toEqual([
    { atMs: 1, decided: 'end/d0' },
    { atMs: 3, decided: 'edge/d0' },
    { atMs: 4, decided: 'end/d0' },
  ])
  for (let variant = 1; variant <= 60; variant++) record.decide(`end/d${variant}`, 4 + variant)
  expect([record.decisions.length, record.decisions[0]?.decided]).toEqual([50, 'end/d11'])
  expect(record.decided).toBe('end/d60')
})

describe('a device has fallen back', () => {
  const unsure = { escalated: true, margin: 0.1, firstMs: 1 }
  const sure = { ...unsure, escalated: false }
  test.each([
    ['was served as decided', at('edge'), at('edge'), undefined, false],
    ['at another tier', at('edge'), at('end'), undefined, true],
    ['by another variant there', at('edge', 'd3'), at('edge', 'd0'), undefined, true],
    ['was sure of its first answer', at('end', 'd3'), at('end', 'd3'), sure, false],
    ['was sure, but not where decided', at('edge', 'd3'), at('end', 'd3'), sure, true],
    ['was unsure, and the large one answered', at('end', 'd3'), at('cloud'), unsure, false],
    ['was unsure, and nobody else answered', at('end', 'd3'), at('end', 'd3'), unsure, true],
  ])('where it %s: %j, %j', (_, decided, served, escalation, isSo) => {
    const report = reportOf({ decided, served, ...(escalation && { escalation }) })
    expect(hasFallenBack(report)).toBe(isSo)
  })
})
