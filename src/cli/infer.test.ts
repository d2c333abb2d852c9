import { expect, test } from 'vitest'
import { topClasses } from './infer.ts'

test('the best classes first, by label where there is one', () => {
  const best = topClasses([0.1, 0.5, 0.05, 0.3, 0.02, 0.03], ['cat', 'boat'])
  expect(best.map(({ label }) => label)).toEqual(['boat', 'class 3', 'cat', 'class 2', 'class 5'])
  expect(best[0]).toEqual({ index: 1, label: 'boat', score: 0.5 })
})
