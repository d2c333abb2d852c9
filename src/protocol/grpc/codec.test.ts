import { describe, expect, it, test } from 'vitest'
import { InvalidInputError, NotFoundError, TierwiseError } from '../../errors.ts'
import type { InferRequest, InferResponse } from '../messages.ts'
import {
  readInferRequest,
  readInferResponse,
  writeInferRequest,
  writeInferResponse,
} from './codec.ts'
import type { InferTensor, ModelInferRequest } from './messages.ts'

const one = Uint8Array.of(0, 0, 0x80, 0x3f)
const x: InferTensor = { name: 'x', datatype: 'FP32', shape: ['1', '1'] }
const listed: InferTensor = { ...x, contents: { fp32_contents: [1] } }
const asked = (change: Partial<ModelInferRequest> = {}): ModelInferRequest => ({
  ...{ model_name: 'double', model_version: '', id: '' },
  inputs: [listed],
  ...change,
})
const tensor = { name: 'x', datatype: 'FP32', shape: [1, 1], data: one } as const

describe('a request', () => {
  it('says nothing that it does not have', () => {
    expect(readInferRequest(asked())).toEqual({ inputs: [tensor] })
  })

  it('names the parameters of its inputs, which nobody reads', () => {
    const told = { parameter_choice: 'int64_param', int64_param: '3' }
    const inputs = [{ ...listed, parameters: { deadline_ms: told } }]
    expect(readInferRequest(asked({ inputs })).unknownFields).toEqual(['deadline_ms'])
  })

  it('has its id, its parameters, and the outputs that it asks for', () => {
    const told = { parameter_choice: 'int64_param', int64_param: '3' }
    const message = asked({
      id: 'a',
      parameters: { priority: told },
      outputs: [{ name: 'sum', parameters: { classification: told } }, { name: 'doubled' }],
    })
    expect(readInferRequest(message)).toEqual({
      id: 'a',
      parameters: { priority: 3 },
      inputs: [tensor],
      outputs: [{ name: 'sum', parameters: { classification: 3 } }, { name: 'doubled' }],
    })
  })

  it('has its raw contents in the order of its inputs', () => {
    const inputs = [x, { ...x, name: 'z', datatype: 'UINT8' }]
    const message = asked({ inputs, raw_input_contents: [one, Uint8Array.of(7)] })
    expect(readInferRequest(message).inputs.map(({ name, data }) => [name, [...data]])).toEqual([
      ['x', [...one]],
      ['z', [7]],
    ])
  })

  test.each<[string, Partial<ModelInferRequest>, RegExp]>([
    ['too few raw contents', { inputs: [x, x], raw_input_contents: [one] }, /has 1 entries for 2/],
    ['too many', { inputs: [x], raw_input_contents: [one, one] }, /has 2 entries for 1/],
    ['contents beside raw ones', { raw_input_contents: [one] }, /"x" has contents beside raw/],
    ['raw ones too short', { inputs: [x], raw_input_contents: [one.slice(1)] }, /3 bytes do not/],
    ['neither of them', { inputs: [x] }, /0 bytes do not hold the 1/],
    ['an unknown datatype', { inputs: [{ ...x, datatype: 'FP8' }] }, /"x" is "FP8".*BOOL, UINT8/],
    ['a datatype in small letters', { inputs: [{ ...x, datatype: 'fp32' }] }, /is "fp32"/],
  ])('with %s is the client’s error', (_, change, message) => {
    expect(() => readInferRequest(asked(change))).toThrow(InvalidInputError)
    expect(() => readInferRequest(asked(change))).toThrow(message)
  })

  it('travels raw, without how it was framed before', () => {
    const request: InferRequest = {
      id: 'a',
      parameters: { binary_data_output: true, priority: 1 },
      inputs: [tensor],
      outputs: [{ name: 'sum', parameters: { binary_data: false, classification: 2 } }],
    }
    const message = writeInferRequest(request, { name: 'double', version: '3' })
    expect(message).toEqual({
      ...{ model_name: 'double', model_version: '3', id: 'a' },
      parameters: { priority: { int64_param: 1 } },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1] }],
      outputs: [{ name: 'sum', parameters: { classification: { int64_param: 2 } } }],
      raw_input_contents: [one],
    })
    expect(writeInferRequest({ inputs: [] }, { name: 'm' })).toMatchObject({
      ...{ id: '', model_version: '', outputs: [], parameters: {} },
    })
  })
})

describe('a response', () => {
  const half = { name: 'half', datatype: 'FP16', shape: [1], data: Uint8Array.of(0, 0x3c) } as const
  const response: InferResponse = {
    model_name: 'd0',
    model_version: '1',
    parameters: { seconds: 2 },
    outputs: [tensor, { ...tensor, name: 'z', datatype: 'UINT8', data: Uint8Array.of(9) }],
  }
  const answer = (request: Partial<InferRequest>, message = asked(), of = response) =>
    writeInferResponse(of, { inputs: [], ...request }, message)
  const isRaw = ({ raw_output_contents, outputs }: ReturnType<typeof answer>) => {
    // Never both, never neither.
    for (const { contents } of outputs) expect(contents === undefined).toBe(!!raw_output_contents)
    return raw_output_contents !== undefined
  }

  it('is listed for a request that was', () => {
    expect(answer({ id: 'a' })).toEqual({
      ...{ model_name: 'd0', model_version: '1', id: 'a' },
      parameters: { seconds: { int64_param: 2 } },
      outputs: [
        { name: 'x', datatype: 'FP32', shape: [1, 1], contents: { fp32_contents: [1] } },
        { name: 'z', datatype: 'UINT8', shape: [1, 1], contents: { uint_contents: [9] } },
      ],
    })
  })

  it('is raw for a request that was, or that asks for it, or where there is no list', () => {
    const raw = asked({ inputs: [x], raw_input_contents: [one] })
    expect(isRaw(answer({}))).toBe(false)
    expect(isRaw(answer({}, raw))).toBe(true)
    expect(isRaw(answer({ parameters: { binary_data_output: false } }, raw))).toBe(false)
    expect(isRaw(answer({ parameters: { binary_data_output: true } }))).toBe(true)
    const withHalf = { ...response, outputs: [tensor, half] }
    expect(answer({}, asked(), withHalf).raw_output_contents).toEqual([one, half.data])
    // What is not asked for forces nothing.
    expect(isRaw(answer({ outputs: [{ name: 'x' }] }, asked(), withHalf))).toBe(false)
  })

  it('has the outputs that were asked for, in that order', () => {
    const { outputs } = answer({ outputs: [{ name: 'z' }, { name: 'x' }] })
    expect(outputs.map(({ name }) => name)).toEqual(['z', 'x'])
    expect(() => answer({ outputs: [{ name: 'none' }] })).toThrow(TierwiseError)
    expect(() => answer({ outputs: [{ name: 'none' }] })).not.toThrow(NotFoundError)
  })

  it('comes back as it was written, raw or listed', () => {
    for (const binary_data_output of [true, false]) {
      const written = answer({ id: 'a', parameters: { binary_data_output } })
      // As it arrives: the choice is named, and sizes are digits.
      const seconds = { parameter_choice: 'int64_param', int64_param: '2' }
      const outputs = written.outputs.map((output) => ({ ...output, shape: ['1', '1'] }))
      const arrived = { ...written, parameters: { seconds }, outputs }
      expect(readInferResponse(arrived)).toEqual({ ...response, id: 'a' })
    }
  })

  it('of another server is checked as a request is', () => {
    const message = { model_name: 'm', outputs: [x], raw_output_contents: [one, one] }
    expect(() => readInferResponse(message)).toThrow('raw_output_contents has 2 entries for 1')
    expect(readInferResponse({ ...message, raw_output_contents: [one] })).toEqual({
      model_name: 'm',
      outputs: [tensor],
    })
  })
})
