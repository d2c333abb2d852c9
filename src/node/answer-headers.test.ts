import { expect, it } from 'vitest'
import { decidedHeaders, reportedTimes, servedHeaders } from './answer-headers.ts'

const served = {
  placement: { tier: 'edge', variant: 'd0' } as const,
  accuracyPercent: 89.9,
  responseTimeMs: 20.5,
  queueMs: 1.25,
  computeMs: 12,
  networkMs: 7,
}

it('splits the response time: 20.5 = 1.25 + 12 + 7 + 0.25', () => {
  expect(servedHeaders(served)).toEqual({
    'x-tierwise-decision': 'edge/d0',
    'x-tierwise-accuracy': '89.9',
    'x-tierwise-response-ms': '20.500',
    'x-tierwise-queue-ms': '1.250',
    'x-tierwise-compute-ms': '12.000',
    'x-tierwise-network-ms': '7.000',
    'x-tierwise-overhead-ms': '0.250',
  })
})

it('adds decision and round, and says when another placement served', () => {
  const followed = decidedHeaders(served, { placement: { tier: 'edge', variant: 'd0' }, round: 4 })
  expect(followed).toMatchObject({ 'x-tierwise-decided': 'edge/d0', 'x-tierwise-round': '4' })
  expect(followed).not.toHaveProperty('x-tierwise-fallback')
  const fallback = decidedHeaders(served, { placement: { tier: 'cloud', variant: 'd0' }, round: 4 })
  expect(fallback).toMatchObject({
    'x-tierwise-decided': 'cloud/d0',
    'x-tierwise-decision': 'edge/d0',
    'x-tierwise-fallback': '1',
  })
})

it('tells of an escalating decision: sure, gone on, given all the same, and decided by the large one alone', () => {
  const decision = {
    placement: { tier: 'end', variant: 'd3' },
    escalation: { to: { tier: 'edge', variant: 'd0' }, margin: 0.51, share: 0.15 },
    round: 4,
  } as const
  const judged = { margin: 0.6, firstMs: 3, accuracyPercent: 92, escalated: false, fellBack: false }
  const first = { ...served, placement: decision.placement }
  const sure = decidedHeaders({ ...first, judged }, decision)
  expect(sure).toMatchObject({
    'x-tierwise-decided': 'end/d3>edge/d0@0.51',
    'x-tierwise-decision': 'end/d3',
    'x-tierwise-confidence': '0.6000',
    'x-tierwise-first-ms': '3.000',
  })
  const marks = (headers: Record<string, string>) =>
    ['escalated', 'fallback'].map((name) => headers[`x-tierwise-${name}`])
  expect(marks(sure)).toEqual([undefined, undefined])
  const unsure = { ...judged, margin: 0.5, escalated: true }
  expect(marks(decidedHeaders({ ...served, judged: unsure }, decision))).toEqual(['1', undefined])
  const kept = { ...first, judged: { ...unsure, fellBack: true } }
  expect(marks(decidedHeaders(kept, decision))).toEqual(['1', '1'])
  expect(marks(decidedHeaders(served, decision))).toEqual([undefined, undefined])
})

it('never reports a negative overhead when clocks round differently', () => {
  expect(servedHeaders({ ...served, computeMs: 13 })['x-tierwise-overhead-ms']).toBe('0.000')
})

it.each([
  [{ 'x-tierwise-queue-ms': '1.5', 'x-tierwise-compute-ms': '12.250' }, 1.5, 12.25],
  [{}, 0, 0],
  [{ 'x-tierwise-queue-ms': '-1', 'x-tierwise-compute-ms': 'soon' }, 0, 0],
  [{ 'x-tierwise-queue-ms': 'Infinity', 'x-tierwise-compute-ms': '' }, 0, 0],
])('reads what another server reports: %o', (headers, queueMs, computeMs) => {
  expect(reportedTimes(headers)).toEqual({ queueMs, computeMs })
})
