/** Inference requests and responses to and from their wire form (Open Inference Protocol v2, binary tensor extension). */
import { InvalidInputError } from '../errors.ts'
import { joinByteStrings } from './byte-strings.ts'
import { classesWanted } from './classification.ts'
import { elementBytes } from './datatypes.ts'
import { withExactIntegers } from './exact-integers.ts'
import { checkJson, JSON_LIMIT_BYTES } from './json-bounds.ts'
import type {
  InferRequest,
  InferResponse,
  ModelMetadata,
  Parameters,
  Tensor,
  WireBody,
} from './messages.ts'
import { pictureRequest } from './picture-body.ts'
import { inferRequest, inferResponse, parseMessage } from './schemas.ts'
import { assemble, checkData, decodeTensors, encodeTensors } from './tensor-codec.ts'

/** How a message is framed on the wire; never handed on as a parameter of the model. */
const FRAMING_PARAMETERS = ['binary_data_output', 'binary_data', 'binary_data_size']

/**
 * @param metadata the model's, asked for only by a picture and by a raw request (header value 0), which name nothing themselves
 * @param jsonLimitBytes of its JSON part
 * @throws InvalidInputError for anything malformed; TooLargeError for a JSON part over the limit
 */
export function decodeInferRequest(
  wire: WireBody,
  metadata: () => ModelMetadata,
  jsonLimitBytes = JSON_LIMIT_BYTES,
): InferRequest {
  if (wire.jsonLength === 0) return decodeRawRequest(wire.body, metadata())
  const { body, picture } = wire
  const request = picture
    ? pictureRequest(body, picture, metadata())
    : decodeTensorRequest(wire, jsonLimitBytes)
  checkFlags(request)
  return request
}

function decodeTensorRequest(wire: WireBody, jsonLimitBytes: number): InferRequest {
  const { json, binary } = split(wire)
  checkJson(json, jsonLimitBytes)
  const { id, parameters, inputs, outputs = [], ...unknown } = parseMessage(inferRequest, json)
  const unknownFields = [
    ...Object.keys(unknown),
    ...inputs.flatMap((input) => [
      ...unreadOfInput(input.parameters),
      ...strayKeys(input, INPUT_KEYS),
    ]),
    ...outputs.flatMap((output) => strayKeys(output, OUTPUT_KEYS)),
  ]
  return {
    ...(id !== undefined && { id }),
    ...(parameters && { parameters }),
    ...(unknownFields.length > 0 && { unknownFields }),
    inputs: decodeTensors(withExactIntegers(inputs, json, 'inputs'), binary),
    ...(outputs.length > 0 && {
      outputs: outputs.map(({ name, parameters: asked }) => ({
        name,
        ...(asked && { parameters: asked }),
      })),
    }),
  }
}

const INPUT_KEYS = ['name', 'datatype', 'shape', 'parameters', 'data']
const OUTPUT_KEYS = ['name', 'parameters']

const strayKeys = (entry: object, known: readonly string[]) =>
  Object.keys(entry).filter((key) => !known.includes(key))

/** Names of an input's parameters, but for that of its framing: nobody reads others there. */
export function unreadOfInput(parameters: Parameters = {}): string[] {
  return Object.keys(parameters).filter((name) => !FRAMING_PARAMETERS.includes(name))
}

/** @throws InvalidInputError for tensors that JSON cannot hold, when not `binary` */
export function encodeInferRequest(
  request: InferRequest,
  { binary }: { binary: boolean },
): WireBody {
  const { entries, binary: data } = encodeTensors(request.inputs, () => binary)
  const json = {
    id: request.id,
    parameters: { ...withoutFraming(request.parameters), binary_data_output: binary },
    outputs: request.outputs?.map(({ name, parameters }) => ({
      name,
      parameters: withoutFraming(parameters),
    })),
  }
  return assemble(json, 'inputs', entries, data)
}

/**
 * Encodes the outputs the request named, in its order (all of them when it named none), each as binary or JSON as it
 * asked, with the request's `id`.
 * @throws InvalidInputError for an output that does not exist, or that JSON cannot hold
 */
export function encodeInferResponse(response: InferResponse, request: InferRequest): WireBody {
  const outputs = requestedOutputs(response, request)
  const { entries, binary } = encodeTensors(outputs, (name) => wantsBinary(request, name))
  const json = {
    model_name: response.model_name,
    model_version: response.model_version,
    id: request.id,
    parameters: withoutFraming(response.parameters),
  }
  return assemble(json, 'outputs', entries, binary)
}

/** The outputs that the request named, in its order; all when it named none. @throws InvalidInputError for one that does not exist */
export function requestedOutputs(
  response: InferResponse,
  { outputs }: InferRequest,
): readonly Tensor[] {
  return outputs?.map(({ name }) => findOutput(response, name)) ?? response.outputs
}

/** @throws InvalidInputError for anything malformed */
export function decodeInferResponse(wire: WireBody): InferResponse {
  const { json, binary } = split(wire)
  const response = parseMessage(inferResponse, json)
  const outputs = withExactIntegers(response.outputs, json, 'outputs')
  return { ...response, outputs: decodeTensors(outputs, binary) }
}

/** A body that is the one input's data and nothing else; its answer is binary too. */
function decodeRawRequest(body: Uint8Array, metadata: ModelMetadata): InferRequest {
  const [input, ...others] = metadata.inputs
  if (!input || others.length > 0) {
    throw new InvalidInputError(
      `a raw request needs a model with one input: "${metadata.name}" has ${metadata.inputs.length}`,
    )
  }
  const { name, datatype } = input
  const raw: Tensor =
    datatype === 'BYTES'
      ? { name, datatype, shape: [1], data: joinByteStrings([body]) }
      : {
          name,
          datatype,
          shape: rawShape(input.shape, body.byteLength / elementBytes(datatype)),
          data: body,
        }
  return { parameters: { binary_data_output: true }, inputs: [checkData(raw)] }
}

/** The model's shape with its one variable size solved for the elements that came. */
function rawShape(shape: readonly number[], elements: number): number[] {
  if (shape.filter((size) => size < 0).length > 1) {
    throw new InvalidInputError(
      `a raw request cannot fill shape [${shape}]: at most one size may vary, send the shape as JSON`,
    )
  }
  const fixed = shape.reduce((product, size) => (size < 0 ? product : product * size), 1)
  return shape.map((size) => (size < 0 ? Math.floor(elements / fixed) : size))
}

function split({ body, jsonLength }: WireBody): {
  json: Uint8Array
  binary: Uint8Array | undefined
} {
  if (jsonLength === undefined) return { json: body, binary: undefined }
  if (jsonLength > body.byteLength) {
    throw new InvalidInputError(
      `Inference-Header-Content-Length ${jsonLength} is more than the body's ${body.byteLength} bytes`,
    )
  }
  return { json: body.subarray(0, jsonLength), binary: body.subarray(jsonLength) }
}

function checkFlags({ parameters = {}, outputs = [] }: InferRequest): void {
  const { binary_data_output } = parameters
  const wanted = outputs.map(({ parameters: { binary_data } = {} }) => binary_data)
  const flags = [binary_data_output, ...wanted]
  const bad = flags.find((flag) => flag !== undefined && typeof flag !== 'boolean')
  if (bad !== undefined) {
    throw new InvalidInputError(
      `binary_data and binary_data_output are true or false, not "${bad}"`,
    )
  }
  for (const output of outputs) classesWanted(output)
}

function wantsBinary({ parameters, outputs = [] }: InferRequest, name: string): boolean {
  const output = outputs.find((candidate) => candidate.name === name)
  const { binary_data_output: byDefault = false } = parameters ?? {}
  const { binary_data: wanted = byDefault } = output?.parameters ?? {}
  return wanted === true
}

function findOutput({ model_name, outputs }: InferResponse, name: string): Tensor {
  const output = outputs.find((candidate) => candidate.name === name)
  if (output) return output
  throw new InvalidInputError(
    `model "${model_name}" has no output "${name}": it has ${outputs.map((each) => each.name).join(', ')}`,
  )
}

/** What a model or client is told: nothing of how a message is framed. */
export function withoutFraming(parameters: Parameters = {}): Parameters | undefined {
  const kept = Object.entries(parameters).filter(([key]) => !FRAMING_PARAMETERS.includes(key))
  return kept.length > 0 ? Object.fromEntries(kept) : undefined
}
