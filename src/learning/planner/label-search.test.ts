import { expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { Assignment } from './assignment.ts'
import { Bound } from './bound.ts'
import { bruteForceMs } from './brute-force.fixture.ts'
import { Completion } from './completion.ts'
import { Dual } from './dual.ts'
import { LabelSearch, lessThan } from './label-search.ts'
import { layOut } from './lay-out.ts'
import { reduce } from './reduced.ts'
import { SAMPLE_SHAPES, sampleProblem } from './sample-problems.fixture.ts'

/** Searches every number of cloud users, from nothing known. */
function searchAll(dual: Dual, mostLabels: number, bestMs = Number.POSITIVE_INFINITY) {
  const { instance, reduced } = dual
  const bound = new Bound(dual)
  bound.ascend()
  const labels = new LabelSearch(instance, mostLabels)
  const best = new Assignment(instance)
  let lowestMs = bestMs
  for (let cloudUsers = 0; cloudUsers < instance.cloudTotals.length; cloudUsers++) {
    const prices = bound.ascendFor(cloudUsers)
    reduce(instance, prices.accuracyMs, reduced)
    const completion = new Completion(instance, reduced, prices)
    const found = labels.search({ completion, cloudUsers, bestMs: lowestMs }, best)
    if (found === 'capped') return { found, best }
    lowestMs = found
  }
  return { found: lowestMs, best }
}

test.each(SAMPLE_SHAPES)('%s: finds the best decision without any to begin with', (shape) => {
  for (let seed = 1; seed < 8; seed++) {
    for (const goalPercent of [0, 85, 89]) {
      const problem = sampleProblem({ devices: 3, edges: 2, goalPercent, shape }, new Random(seed))
      const bestMs = bruteForceMs(problem)
      const { found, best } = searchAll(new Dual(layOut(problem)), 1e6)
      expect(found).toBeCloseTo(bestMs, 6)
      expect(best.isFeasible).toBe(true)
      expect(best.totalMs).toBe(found)
    }
  }
})

const options = { devices: 12, edges: 2, goalPercent: 85, shape: 'heterogeneous' as const }
const dual = new Dual(layOut(sampleProblem(options, new Random(11))))

test('a best that is known stays, untouched, where nothing is better', () => {
  const { found } = searchAll(dual, 1e6)
  if (found === 'capped') throw new Error('too few labels')
  const again = searchAll(dual, 1e6, found)
  expect(again.found).toBe(found)
  expect(again.best.column.every((column) => column === 0)).toBe(true)
})

test('gives up at its limit, over all searches together', () => {
  expect(searchAll(dual, 20).found).toBe('capped')
})

test('better is better by more than rounding', () => {
  expect(lessThan(100)).toBeCloseTo(100, 7)
  expect(lessThan(100)).toBeLessThan(100)
  expect(lessThan(-100)).toBeLessThan(-100)
  expect(lessThan(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY)
})
