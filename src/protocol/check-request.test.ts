import { describe, expect, test } from 'vitest'
import { InvalidInputError } from '../errors.ts'
import { checkRequest } from './check-request.ts'
import type { InferRequest, ModelMetadata, Tensor } from './messages.ts'

const model: ModelMetadata = {
  ...{ name: 'm', platform: 'p' },
  inputs: [
    { name: 'x', datatype: 'FP32', shape: [-1, 3] },
    { name: 'k', datatype: 'INT64', shape: [] },
  ],
  outputs: [
    { name: 'y', datatype: 'FP32', shape: [-1] },
    { name: 'z', datatype: 'FP32', shape: [-1] },
  ],
}
const x: Tensor = { name: 'x', datatype: 'FP32', shape: [2, 3], data: new Uint8Array(24) }
const k: Tensor = { name: 'k', datatype: 'INT64', shape: [], data: new Uint8Array(8) }
const check = (request: Partial<InferRequest>) => () =>
  checkRequest({ inputs: [x, k], ...request }, model)

describe('a request is taken', () => {
  test.each<[string, Partial<InferRequest>]>([
    ['with exactly the inputs, in any order', { inputs: [k, x] }],
    ['with any size where the model has -1', { inputs: [{ ...x, shape: [0, 3] }, k] }],
    ['that asks for nothing by name', { outputs: [] }],
    ['that asks for some, in its own order', { outputs: [{ name: 'z' }, { name: 'y' }] }],
  ])('%s', (_, request) => expect(check(request)).not.toThrow())
})

describe('a request is refused', () => {
  test.each<[string, Partial<InferRequest>, string]>([
    ['that lacks an input', { inputs: [x] }, 'the request lacks input "k"'],
    ['of no inputs', { inputs: [] }, 'the request lacks input "x"'],
    ['of an unknown one', { inputs: [x, k, { ...x, name: 'w' }] }, 'has no input "w"'],
    ['of one given twice', { inputs: [x, k, x] }, '"x"'],
    ['of another datatype', { inputs: [{ ...x, datatype: 'FP64' }, k] }, '"x" is FP64 [2,3]'],
    ['of a size that is fixed', { inputs: [{ ...x, shape: [2, 4] }, k] }, 'takes FP32 [-1,3]'],
    ['of one dimension more', { inputs: [{ ...x, shape: [2, 3, 1] }, k] }, '"x" is FP32 [2,3,1]'],
    ['of one dimension less', { inputs: [{ ...x, shape: [3] }, k] }, '"x" is FP32 [3]'],
    ['of a size for a scalar', { inputs: [x, { ...k, shape: [1] }] }, '"k" is INT64 [1]'],
    ['for an unknown output', { outputs: [{ name: 'w' }] }, 'model "m" has no output "w"'],
    ['for an input as output', { outputs: [{ name: 'x' }] }, 'has no output "x"'],
    ['for an output twice', { outputs: [{ name: 'y' }, { name: 'y' }] }, '"y"'],
  ])('%s', (_, request, message) => {
    expect(check(request)).toThrow(InvalidInputError)
    expect(check(request)).toThrow(message)
  })
})

describe('one encoded picture', () => {
  const picture: Tensor = { name: 'image', datatype: 'BYTES', shape: [1], data: new Uint8Array(9) }
  const take = (request: Partial<InferRequest>, options = {}) => {
    return () => checkRequest({ inputs: [picture], ...request }, model, options)
  }

  test('stands in for the inputs where pictures are taken, and nowhere else', () => {
    expect(take({}, { takesPictures: true })).not.toThrow()
    expect(take({}, { takesPictures: false })).toThrow('has no input "image"')
    expect(take({})).toThrow('has no input "image"')
  })

  test('is alone, and asked for outputs that the model has', () => {
    const options = { takesPictures: true }
    expect(take({ inputs: [picture, x] }, options)).toThrow('has no input "image"')
    expect(take({ outputs: [{ name: 'w' }] }, options)).toThrow('has no output "w"')
  })
})
