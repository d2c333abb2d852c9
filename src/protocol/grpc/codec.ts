/** Inference requests and responses to and from their messages in gRPC. */
import { InvalidInputError } from '../../errors.ts'
import { requestedOutputs, unreadOfInput, withoutFraming } from '../codec.ts'
import { DATATYPES, type InferRequest, type InferResponse, type Tensor } from '../messages.ts'
import { checkData } from '../tensor-codec.ts'
import { contentsOf, hasContents, readContents } from './contents.ts'
import {
  type InferTensor,
  inferParameters,
  type ModelInferRequest,
  type ModelInferResponse,
  parametersOf,
} from './messages.ts'

/** @throws InvalidInputError for anything malformed */
export function readInferRequest(message: ModelInferRequest): InferRequest {
  const { id, inputs, outputs = [], raw_input_contents: raw = [] } = message
  const parameters = parametersOf(message.parameters)
  const unknownFields = inputs.flatMap((input) => unreadOfInput(parametersOf(input.parameters)))
  return {
    ...(id && { id }),
    ...(parameters && { parameters }),
    ...(unknownFields.length > 0 && { unknownFields }),
    inputs: readTensors(inputs, raw, 'raw_input_contents'),
    ...(outputs.length > 0 && {
      outputs: outputs.map((output) => {
        const asked = parametersOf(output.parameters)
        return { name: output.name, ...(asked && { parameters: asked }) }
      }),
    }),
  }
}

/** All inputs as raw contents. */
export function writeInferRequest(
  request: InferRequest,
  model: { readonly name: string; readonly version?: string },
): ModelInferRequest {
  const { id = '', inputs, outputs = [], parameters } = request
  return {
    model_name: model.name,
    model_version: model.version ?? '',
    id,
    parameters: inferParameters(withoutFraming(parameters)),
    inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    outputs: outputs.map((output) => ({
      name: output.name,
      parameters: inferParameters(withoutFraming(output.parameters)),
    })),
    raw_input_contents: inputs.map(({ data }) => data),
  }
}

/** @throws InvalidInputError for anything malformed */
export function readInferResponse(message: ModelInferResponse): InferResponse {
  const { model_name, model_version, id, outputs, raw_output_contents: raw = [] } = message
  const parameters = parametersOf(message.parameters)
  return {
    model_name,
    ...(model_version && { model_version }),
    ...(id && { id }),
    ...(parameters && { parameters }),
    outputs: readTensors(outputs, raw, 'raw_output_contents'),
  }
}

/**
 * The outputs that the request named, in its order; raw where the request was raw or asks for it (`binary_data_output`), and where
 * an output has no other form.
 * @param asked the message that `request` was read from
 * @throws InvalidInputError for an output that does not exist
 */
export function writeInferResponse(
  response: InferResponse,
  request: InferRequest,
  asked: ModelInferRequest,
): ModelInferResponse {
  const outputs = requestedOutputs(response, request)
  const { raw_input_contents: raw = [] } = asked
  const { binary_data_output: isRaw = raw.length > 0 } = request.parameters ?? {}
  const asRaw = isRaw === true || outputs.some(({ datatype }) => !hasContents(datatype))
  return {
    model_name: response.model_name,
    model_version: response.model_version ?? '',
    id: request.id ?? '',
    parameters: inferParameters(withoutFraming(response.parameters)),
    outputs: outputs.map((tensor) => {
      const { name, datatype, shape } = tensor
      return { name, datatype, shape, ...(!asRaw && { contents: contentsOf(tensor) }) }
    }),
    ...(asRaw && { raw_output_contents: outputs.map(({ data }) => data) }),
  }
}

function readTensors(
  tensors: readonly InferTensor[],
  raw: readonly Uint8Array[],
  rawName: string,
): Tensor[] {
  if (raw.length > 0 && raw.length !== tensors.length) {
    throw new InvalidInputError(
      `${rawName} has ${raw.length} entries for ${tensors.length} tensors: give one for each, in their order`,
    )
  }
  return tensors.map((tensor, index) => {
    const head = headOf(tensor)
    const data = raw[index]
    if (data === undefined) return readContents(head, tensor.contents ?? {})
    if (tensor.contents) {
      throw new InvalidInputError(
        `tensor "${tensor.name}" has contents beside ${rawName}: give one of them`,
      )
    }
    return checkData({ ...head, data })
  })
}

function headOf({ name, datatype, shape }: InferTensor): Omit<Tensor, 'data'> {
  const known = DATATYPES.find((one) => one === datatype)
  if (known === undefined) {
    throw new InvalidInputError(
      `tensor "${name}" is "${datatype}": the datatypes are ${DATATYPES.join(', ')}`,
    )
  }
  return { name, datatype: known, shape: shape.map(Number) }
}
