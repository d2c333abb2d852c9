import { expect, test } from 'vitest'
import { InvalidInputError, TimeoutError } from '../../errors.ts'
import { bytesOf, viewFloat32 } from '../../protocol/datatypes.ts'
import type { InferRequest, Tensor } from '../../protocol/messages.ts'
import type { RunRequest } from './backend.ts'
import { inferTogether, joined, kindOf, rowsOf, takesBatches } from './batches.ts'

const row = (...values: number[]): Tensor => {
  const data = bytesOf(Float32Array.from(values))
  return { name: 'x', datatype: 'FP32', shape: [1, values.length], data }
}
const request = (...values: number[]): InferRequest => ({ inputs: [row(...values)] })
const numbers = ({ data }: Tensor) => [...viewFloat32({ ...row(), data })]

/** Doubles its rows, but refuses a negative number, and every row beside it. */
function doubling() {
  const calls: number[] = []
  const infer = async ({ inputs }: InferRequest) => {
    const [{ shape, data } = row()] = inputs
    calls.push(shape[0] ?? 0)
    const values = viewFloat32({ ...row(), data })
    if (values.some((value) => value < 0)) throw new InvalidInputError('below 0')
    const doubled = bytesOf(values.map((value) => 2 * value))
    return { outputs: [{ ...row(), name: 'y', shape, data: doubled }], computeMs: 3 }
  }
  return { calls, infer }
}

test('one inference for all, and to each the answer to its own row', async () => {
  const backend = doubling()
  const results = await inferTogether(backend, [request(1, 2), request(3, 4), request(5, 6)])
  expect(backend.calls).toEqual([3])
  const answers = results.map((result) => result.status === 'fulfilled' && result.value)
  expect(answers).toMatchObject([{ computeMs: 3 }, { computeMs: 3 }, { computeMs: 3 }])
  const outputs = answers.flatMap((answer) => (answer ? answer.outputs : []))
  expect(outputs.map(({ name, shape }) => [name, shape])).toEqual(Array(3).fill(['y', [1, 2]]))
  expect(outputs.map(numbers)).toEqual([
    [2, 4],
    [6, 8],
    [10, 12],
  ])
})

test('what one request is refused for, no other is', async () => {
  const backend = doubling()
  const results = await inferTogether(backend, [request(1), request(-1), request(3)])
  expect(backend.calls).toEqual([3, 1, 1, 1])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(results[1]).toMatchObject({ reason: new InvalidInputError('below 0') })
})

test('is not tried again where nothing can be run in time', async () => {
  let calls = 0
  const infer = async () => {
    calls += 1
    throw new TimeoutError('no answer within 2000 ms')
  }
  const results = await inferTogether({ infer }, [request(1), request(2)])
  expect(calls).toBe(1)
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

test('an answer with other rows than were asked for is nobody’s', async () => {
  const backend = doubling()
  const infer = async (asked: InferRequest) => {
    const { outputs, computeMs } = await backend.infer(asked)
    return { computeMs, outputs: outputs.map((output) => ({ ...output, shape: [1, 1] })) }
  }
  const results = await inferTogether({ infer }, [request(1), request(2)])
  expect(backend.calls).toEqual([2, 1, 1])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
})

test('joins all inputs, and asks for the outputs that each asked for', () => {
  const bytes = { name: 'text', datatype: 'BYTES' as const, shape: [1] }
  const two = [5, 7].map((value) => ({
    inputs: [row(value), { ...bytes, data: Uint8Array.of(1, 0, 0, 0, value) }],
    outputs: [{ name: 'y' }],
  }))
  const { inputs, outputs } = joined(two)
  expect(inputs.map(({ name, shape }) => [name, shape])).toEqual([
    ['x', [2, 1]],
    ['text', [2]],
  ])
  expect(numbers(inputs[0] ?? row())).toEqual([5, 7])
  expect([...(inputs[1]?.data ?? [])]).toEqual([1, 0, 0, 0, 5, 1, 0, 0, 0, 7])
  expect(outputs).toEqual([{ name: 'y' }])
})

test('takes rows apart whatever their datatype and shape', () => {
  const data = Uint8Array.from({ length: 12 }, (_, index) => index)
  const rows = rowsOf([{ name: 'y', datatype: 'INT16', shape: [3, 2], data }], 3)
  expect(rows.map(([one]) => [one?.shape, [...(one?.data ?? [])]])).toEqual([
    [
      [1, 2],
      [0, 1, 2, 3],
    ],
    [
      [1, 2],
      [4, 5, 6, 7],
    ],
    [
      [1, 2],
      [8, 9, 10, 11],
    ],
  ])
})

test('of one kind are requests of one row that are alike in all but its elements', () => {
  const other = { ...row(1, 2), name: 'z' }
  expect(kindOf(request(1, 2))).toBe(kindOf(request(3, 4)))
  const kinds = [
    request(1, 2),
    request(1, 2, 3),
    { inputs: [other] },
    { inputs: [{ ...row(1, 2), datatype: 'INT32' as const }] },
    { ...request(1, 2), outputs: [{ name: 'y' }] },
    { inputs: [{ ...row(1, 2), shape: [2, 1] }] },
    { inputs: [{ ...row(1, 2), shape: [2, 1] }] },
  ].map(kindOf)
  expect(new Set(kinds).size).toBe(kinds.length)
})

test.each([
  ['all first sizes open', [-1, 3], [-1, 2], 'FP32', true],
  ['a fixed batch', [1, 3], [1, 2], 'FP32', false],
  ['a fixed output', [-1, 3], [1, 2], 'FP32', false],
  ['a scalar output', [-1, 3], [], 'FP32', false],
  ['strings to answer with', [-1, 3], [-1], 'BYTES', false],
] as const)('%s', (_, input, output, datatype, takes) => {
  const inputs = [{ name: 'x', datatype: 'FP32' as const, shape: input }]
  const outputs = [{ name: 'y', datatype, shape: output }]
  expect(takesBatches({ name: 'm', platform: 'p', inputs, outputs })).toBe(takes)
})

test('a batch goes on in the trace of its first request', async () => {
  const call = (traceId: string) => ({ headers: { traceparent: traceId } })
  let passedOn: unknown
  const infer = async (asked: RunRequest) => {
    passedOn = asked.call
    return doubling().infer(asked)
  }
  await inferTogether({ infer }, [
    { ...request(1), call: call('one') },
    { ...request(2), call: call('two') },
  ])
  expect(passedOn).toEqual(call('one'))
})
