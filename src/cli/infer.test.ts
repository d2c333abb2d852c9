import { expect, test } from 'vitest'
import { joinByteStrings } from '../protocol/byte-strings.ts'
import { bytesOf } from '../protocol/datatypes.ts'
import { classesOf, topClasses } from './infer.ts'

test('the best classes first, by label where there is one', () => {
  const best = topClasses([0.1, 0.5, 0.05, 0.3, 0.02, 0.03], ['cat', 'boat'])
  expect(best.map(({ label }) => label)).toEqual(['boat', 'class 3', 'cat', 'class 2', 'class 5'])
  expect(best[0]).toEqual({ index: 1, label: 'boat', score: 0.5 })
})

test('classes as the answer names them, or of its scores', () => {
  const catalogue = { output: { name: 'p', shape: [1, 2] }, labels: ['cat', 'boat'] }
  const texts = ['0.750000:1:tea: green', '0.250000:0'].map((text) => Buffer.from(text))
  const named = {
    name: 'p',
    datatype: 'BYTES' as const,
    shape: [1, 2],
    data: joinByteStrings(texts),
  }
  expect(classesOf({ model_name: 'm', outputs: [named] }, catalogue)).toEqual([
    { index: 1, label: 'tea: green', score: 0.75 },
    { index: 0, label: 'class 0', score: 0.25 },
  ])
  const data = bytesOf(Float32Array.of(0.25, 0.75))
  const scores = { name: 'p', datatype: 'FP32' as const, shape: [1, 2], data }
  expect(classesOf({ model_name: 'm', outputs: [scores] }, catalogue)).toEqual([
    { index: 1, label: 'boat', score: 0.75 },
    { index: 0, label: 'cat', score: 0.25 },
  ])
})
