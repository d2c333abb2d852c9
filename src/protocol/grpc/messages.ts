/** Messages of `proto/open_inference_grpc.proto`, as `loadProto` gives and takes them. */
import type { Parameters } from '../messages.ts'

/** A 64-bit integer: digits as it comes; where it is sent, a number too. */
type Int64 = string | number

/** `parameter_choice` names the field that is set. */
interface InferParameter {
  readonly parameter_choice?: string
  readonly bool_param?: boolean
  readonly int64_param?: Int64
  readonly string_param?: string
  readonly double_param?: number
  readonly uint64_param?: Int64
}

type InferParameters = Readonly<Record<string, InferParameter>>

/** The one field of the tensor's datatype is filled. */
export interface InferTensorContents {
  readonly bool_contents?: readonly boolean[]
  readonly int_contents?: readonly number[]
  readonly int64_contents?: readonly Int64[]
  readonly uint_contents?: readonly number[]
  readonly uint64_contents?: readonly Int64[]
  readonly fp32_contents?: readonly number[]
  readonly fp64_contents?: readonly number[]
  readonly bytes_contents?: readonly Uint8Array[]
}

/** An input or output. */
export interface InferTensor {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly Int64[]
  readonly parameters?: InferParameters
  readonly contents?: InferTensorContents | null
}

/** Empty texts: not given. */
export interface ModelInferRequest {
  readonly model_name: string
  readonly model_version?: string
  readonly id?: string
  readonly parameters?: InferParameters
  readonly inputs: readonly InferTensor[]
  readonly outputs?: readonly { readonly name: string; readonly parameters?: InferParameters }[]
  readonly raw_input_contents?: readonly Uint8Array[]
}

/** Empty texts: not given. */
export interface ModelInferResponse {
  readonly model_name: string
  readonly model_version?: string
  readonly id?: string
  readonly parameters?: InferParameters
  readonly outputs: readonly InferTensor[]
  readonly raw_output_contents?: readonly Uint8Array[]
}

/** Requests that name a model. */
export interface ModelRequest {
  readonly name: string
  /** Empty: not given. */
  readonly version: string
}

/** As JSON has them. An integer beyond 2^53 stays digits. */
export function parametersOf(parameters: InferParameters = {}): Parameters | undefined {
  const values = Object.entries(parameters).flatMap(([name, parameter]) => {
    const value = chosen(parameter)
    return value === undefined ? [] : [[name, value] as const]
  })
  return values.length > 0 ? Object.fromEntries(values) : undefined
}

function chosen(parameter: InferParameter): Parameters[string] | undefined {
  const { bool_param, double_param, string_param } = parameter
  switch (parameter.parameter_choice) {
    case 'bool_param':
      return bool_param
    case 'double_param':
      return double_param
    case 'string_param':
      return string_param
    case 'int64_param':
      return integerOf(parameter.int64_param)
    case 'uint64_param':
      return integerOf(parameter.uint64_param)
    default:
      return undefined
  }
}

function integerOf(digits: Int64 = 0): Int64 {
  const number = Number(digits)
  return Number.isSafeInteger(number) ? number : digits
}

/** As protobuf has them: whole numbers as `int64_param`, for clients that know no others. */
export function inferParameters(parameters: Parameters = {}): InferParameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, inferParameter(value)]),
  )
}

function inferParameter(value: Parameters[string]): InferParameter {
  if (typeof value === 'boolean') return { bool_param: value }
  if (typeof value === 'string') return { string_param: value }
  return Number.isSafeInteger(value) ? { int64_param: value } : { double_param: value }
}
