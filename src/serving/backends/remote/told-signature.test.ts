import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../errors.ts'
import type { ModelMetadata, TensorMetadata } from '../../../protocol/messages.ts'
import { agreedMetadata, type ExpectedSignature } from './told-signature.ts'

const expected: ExpectedSignature = {
  input: { name: 'pixels', datatype: 'FP32', shape: [1, 3, 8, 8] },
  output: { name: 'scores', shape: [1, 10] },
}
const pixels: TensorMetadata = { name: 'pixels', datatype: 'FP32', shape: [-1, 3, 8, 8] }
const scores: TensorMetadata = { name: 'scores', datatype: 'FP16', shape: [-1, 10] }
const told = (change: Partial<ModelMetadata> = {}): ModelMetadata => ({
  name: 'theirs',
  versions: ['7'],
  platform: 'onnxruntime_onnx',
  inputs: [pixels],
  outputs: [scores],
  ...change,
})
const agreed = (change?: Partial<ModelMetadata>) =>
  agreedMetadata('small', told(change), expected, 'variant small')

/** What is wrong, line by line. */
function faultsOf(change: Partial<ModelMetadata>): string[] {
  try {
    agreed(change)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return String((error as Error).message)
      .split('\n')
      .map((line) => {
        expect(line).toMatch(/^variant small: /)
        return line.slice('variant small: '.length)
      })
  }
  return []
}

describe('a model that fits', () => {
  it('is told by the variant’s name, as the server tells it', () => {
    expect(agreed()).toEqual({
      ...{ name: 'small', versions: ['1'], platform: 'onnxruntime_onnx' },
      ...{ inputs: [pixels], outputs: [scores] },
    })
  })

  it('may have further outputs, and the tensors in any order', () => {
    const features: TensorMetadata = { name: 'features', datatype: 'FP64', shape: [3] }
    expect(agreed({ outputs: [features, scores] }).outputs).toEqual([features, scores])
  })

  it('is what the catalogue says where the server describes no tensors', () => {
    const { inputs, outputs } = agreed({ inputs: [], outputs: [] })
    expect(inputs).toEqual([expected.input])
    expect(outputs).toEqual([{ ...expected.output, datatype: 'FP32' }])
  })

  it('has the catalogue’s shapes where the server leaves them out', () => {
    const bare = { inputs: [{ ...pixels, shape: [] }], outputs: [{ ...scores, shape: [] }] }
    const { inputs, outputs } = agreed(bare)
    expect(inputs[0]?.shape).toEqual([1, 3, 8, 8])
    expect(outputs[0]).toEqual({ name: 'scores', datatype: 'FP16', shape: [1, 10] })
  })

  it.each([[[1, 3, 8, 8]], [[-1, -1, -1, -1]]])('may take shape %j', (shape) => {
    expect(faultsOf({ inputs: [{ ...pixels, shape }] })).toEqual([])
  })
})

describe('a model that does not fit', () => {
  it('has tensors of other names', () => {
    const inputs = [
      { ...pixels, name: 'a' },
      { ...pixels, name: 'b' },
    ]
    expect(faultsOf({ inputs })).toEqual([
      'it has the input "a", "b", and the catalogue says input.name "pixels"',
    ])
    expect(faultsOf({ outputs: [{ ...scores, name: 'y' }] })).toEqual([
      'it has the output "y", and the catalogue says output.name "scores"',
    ])
  })

  it('wants more than one input', () => {
    const mask: TensorMetadata = { name: 'mask', datatype: 'BOOL', shape: [1] }
    expect(faultsOf({ inputs: [mask, pixels] })).toEqual([
      'it has the input "mask" as well: a variant takes one input',
    ])
  })

  it('takes another datatype', () => {
    expect(faultsOf({ inputs: [{ ...pixels, datatype: 'UINT8' }] })).toEqual([
      '"pixels" is UINT8, and the catalogue says input.datatype FP32',
    ])
  })

  it.each([[[-1, 8, 8, 3]], [[-1, 3, 8]], [[-1, 3, 8, 8, 1]], [[2, 3, 8, 8]], [[0, 3, 8, 8]]])(
    'takes shape %j',
    (shape) => {
      expect(faultsOf({ inputs: [{ ...pixels, shape }] })).toEqual([
        `"pixels" is [${shape.join(', ')}], and the catalogue says input.shape [1, 3, 8, 8]`,
      ])
    },
  )

  it('is told of with all its faults at once, the input’s first', () => {
    const faults = faultsOf({
      inputs: [{ ...pixels, datatype: 'UINT8', shape: [1] }],
      outputs: [{ ...scores, shape: [-1, 11] }],
    })
    expect(faults).toEqual([
      '"pixels" is UINT8, and the catalogue says input.datatype FP32',
      '"pixels" is [1], and the catalogue says input.shape [1, 3, 8, 8]',
      '"scores" is [-1, 11], and the catalogue says output.shape [1, 10]',
    ])
  })
})
