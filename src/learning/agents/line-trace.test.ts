import { expect, it } from 'vitest'
import { LineTrace } from './line-trace.ts'

it('averages over the epochs of each band, and knows none of a band without epochs', () => {
  const trace = new LineTrace()
  for (const [epoch, times] of [
    [1, 2],
    [2, 0],
    [9, 1],
    [10, 5],
  ] as const) {
    trace.begin(epoch)
    trace.count('33', times)
  }
  const lines = new Map(trace.lines().map((line) => [line.line, line]))
  expect(lines.get('33')).toMatchObject({ total: 8, perEpoch: [1, 5, null, null] })
  expect(lines.get('7')).toMatchObject({ total: 0, perEpoch: [0, 0, null, null] })
})

it('has the lines in the order of the listing', () => {
  const numbers = new LineTrace().lines().map(({ line }) => Number.parseInt(line, 10))
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
})
