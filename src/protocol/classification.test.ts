import { expect, it } from 'vitest'
import { InvalidInputError } from '../errors.ts'
import { joinByteStrings, splitByteStrings } from './byte-strings.ts'
import { classesOf, classesWanted, withClassification } from './classification.ts'
import { bytesOf } from './datatypes.ts'
import type { InferRequest, InferResponse, Tensor } from './messages.ts'

const tensor = (elements: ArrayBufferView, rest: Omit<Tensor, 'data' | 'name'>): Tensor => {
  return { name: 'y', ...rest, data: bytesOf(elements) }
}
const answer = (output: Tensor): InferResponse => ({ model_name: 'm', outputs: [output] })
const wanting = (classification: number): InferRequest => {
  return { inputs: [], outputs: [{ name: 'y', parameters: { classification } }] }
}
function texts({ outputs: [output] }: InferResponse) {
  const elements = splitByteStrings('y', output?.data ?? new Uint8Array())
  const values = elements.map((element) => Buffer.from(element).toString())
  return { datatype: output?.datatype, shape: output?.shape, values }
}

it('gives the k largest of each row as value:index:label, equal ones by index', () => {
  const rows = Float32Array.of(0.25, 0.5, 0.25, 3, -1, 2)
  const output = tensor(rows, { datatype: 'FP32', shape: [2, 3] })
  expect(texts(withClassification(answer(output), wanting(2), ['a', 'b:c']))).toEqual({
    datatype: 'BYTES',
    shape: [2, 2],
    values: ['0.500000:1:b:c', '0.250000:0:a', '3.000000:0:a', '2.000000:2'],
  })
})

it.each([
  [
    [1, 4, 1, 1],
    [1, 2, 1, 1],
  ],
  [[4], [2]],
])('finds the classes of scores of shape %j', (shape, expected) => {
  expect(classesOf(shape)).toBe(4)
  const output = tensor(Float32Array.of(0.25, 1, 0.5, 0), { datatype: 'FP32', shape })
  expect(texts(withClassification(answer(output), wanting(2), []))).toMatchObject({
    shape: expected,
    values: ['1.000000:1', '0.500000:2'],
  })
})

it('gives all classes where more are wanted, integers as they are, what is no number last', () => {
  const integers = tensor(BigInt64Array.of(-5n, 7n), { datatype: 'INT64', shape: [2] })
  const all = texts(withClassification(answer(integers), wanting(9), []))
  expect(all).toEqual({ datatype: 'BYTES', shape: [2], values: ['7:1', '-5:0'] })
  const odd = tensor(Float32Array.of(Number.NaN, -1e3), { datatype: 'FP32', shape: [1, 2] })
  const { values } = texts(withClassification(answer(odd), wanting(2), []))
  expect(values).toEqual(['-1000.000000:1', 'NaN:0'])
})

it('leaves outputs alone that are wanted as they are', () => {
  const output = tensor(Float32Array.of(1), { datatype: 'FP32', shape: [1] })
  for (const outputs of [undefined, [{ name: 'y' }], [{ name: 'z' }]]) {
    const request = { inputs: [], ...(outputs && { outputs }) }
    expect(withClassification(answer(output), request, ['a'])).toEqual(answer(output))
  }
})

it('refuses what has no order', () => {
  const words = joinByteStrings([Buffer.from('a')])
  const output = tensor(words, { datatype: 'BYTES', shape: [1] })
  expect(() => withClassification(answer(output), wanting(1), [])).toThrow(InvalidInputError)
})

it.each([0, -1, 1.5, 2 ** 53, '3', true, ''])('refuses %j classes', (classification) => {
  expect(() => classesWanted({ name: 'y', parameters: { classification } })).toThrow(
    `classification ${JSON.stringify(classification)}`,
  )
})
