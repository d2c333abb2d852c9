import { InvalidInputError } from '../errors.ts'
import type { InferRequest, ModelMetadata, TensorMetadata } from './messages.ts'
import { isPicture } from './picture-body.ts'

/**
 * Checks a request against what the model takes: exactly its inputs, their datatypes and shapes, and known outputs.
 * @param options.takesPictures one encoded picture may stand in for the model's inputs
 * @throws InvalidInputError naming the first difference
 */
export function checkRequest(
  request: InferRequest,
  metadata: ModelMetadata,
  { takesPictures = false } = {},
): void {
  const { name: model, outputs } = metadata
  if (!(takesPictures && isPicture(request))) checkInputs(request, metadata)
  for (const { name } of request.outputs ?? [])
    find(outputs, name, `model "${model}" has no output`)
  refuseRepeats('output', request.outputs ?? [])
}

function checkInputs(request: InferRequest, { name: model, inputs }: ModelMetadata): void {
  for (const { name, datatype, shape } of request.inputs) {
    const expected = find(inputs, name, `model "${model}" has no input`)
    if (datatype !== expected.datatype || !fits(shape, expected.shape)) {
      throw new InvalidInputError(
        `input "${name}" is ${datatype} [${shape}], model "${model}" takes ${expected.datatype} [${expected.shape}]`,
      )
    }
  }
  for (const { name } of inputs) find(request.inputs, name, 'the request lacks input')
  refuseRepeats('input', request.inputs)
}

/** Whether a shape is what a model says; -1 there takes any size. */
export function fits(shape: readonly number[], expected: readonly number[]): boolean {
  return (
    shape.length === expected.length &&
    expected.every((size, index) => size < 0 || size === shape[index])
  )
}

function find(tensors: readonly TensorMetadata[], name: string, problem: string): TensorMetadata {
  const found = tensors.find((tensor) => tensor.name === name)
  if (found) return found
  const names = tensors.map((tensor) => tensor.name).join(', ')
  throw new InvalidInputError(`${problem} "${name}": there is ${names || 'none'}`)
}

function refuseRepeats(kind: string, tensors: readonly { readonly name: string }[]): void {
  const names = tensors.map(({ name }) => name)
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) throw new InvalidInputError(`${kind} "${repeated}" is given twice`)
}
