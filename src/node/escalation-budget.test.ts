import { expect, it } from 'vitest'
import { Random } from '../random.ts'
import { EscalationBudget } from './escalation-budget.ts'

/** How many of `requests` go on, where each is unsure with the probability `seen`. */
function goneOn(seen: number, planned: number, requests: number): number {
  const random = new Random(1)
  const budget = new EscalationBudget()
  let gone = 0
  for (let request = 0; request < requests; request++) {
    budget.earn(planned)
    if (random.uniform() < seen && budget.spend()) gone += 1
  }
  return gone
}

it('lets 20 go on at once, then one for every 1 / (1.5 × 0.2) requests', () => {
  const budget = new EscalationBudget()
  const spent = Array.from({ length: 25 }, () => budget.spend())
  expect(spent.filter(Boolean)).toHaveLength(20)
  for (let request = 0; request < 3; request++) budget.earn(0.2)
  expect(budget.spend()).toBe(false)
  budget.earn(0.2)
  expect(budget.spend()).toBe(true)
  expect(budget.spend()).toBe(false)
})

it('never holds back what is as planned, and caps what is three times as much', () => {
  const random = new Random(1)
  const unsure = Array.from({ length: 20_000 }, () => random.uniform() < 0.2).filter(Boolean)
  expect(goneOn(0.2, 0.2, 20_000)).toBe(unsure.length)
  expect(goneOn(0.6, 0.2, 20_000)).toBeLessThanOrEqual(0.3 * 20_000 + 20)
  expect(goneOn(0.6, 0.2, 20_000)).toBeGreaterThan(0.3 * 20_000 - 20)
  expect(goneOn(1, 0, 100)).toBe(20)
})
