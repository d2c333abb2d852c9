/** Messages of the Open Inference Protocol v2, in its own words and field names. */

export const DATATYPES = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'BF16',
  'FP32',
  'FP64',
  'BYTES',
] as const
/** Type of the elements of a tensor. */
export type Datatype = (typeof DATATYPES)[number]

type ParameterValue = string | number | boolean
/** What a request, response or tensor says beside its fields. */
export type Parameters = Readonly<Record<string, ParameterValue>>

/** A tensor with its elements as little-endian bytes, row-major: the one form inside Tierwise. */
export interface Tensor {
  readonly name: string
  readonly datatype: Datatype
  readonly shape: readonly number[]
  readonly data: Uint8Array
}

/** Body of `POST …/infer`. */
export interface InferRequest {
  readonly id?: string
  readonly parameters?: Parameters
  readonly inputs: readonly Tensor[]
  /** Requested outputs, in the order wanted; absent means all. */
  readonly outputs?: readonly { readonly name: string; readonly parameters?: Parameters }[]
  /** What stood beside these in the message, in its tensors, or among the parameters of an input. */
  readonly unknownFields?: readonly string[]
}

/** The answer to it. */
export interface InferResponse {
  readonly model_name: string
  readonly model_version?: string
  readonly id?: string
  readonly parameters?: Parameters
  readonly outputs: readonly Tensor[]
}

/** One input or output of a model. */
export interface TensorMetadata {
  readonly name: string
  readonly datatype: Datatype
  /** -1 where the size varies. */
  readonly shape: readonly number[]
}

/** Answer of `GET /v2/models/<model>`. */
export interface ModelMetadata {
  readonly name: string
  readonly versions?: readonly string[]
  readonly platform: string
  readonly inputs: readonly TensorMetadata[]
  readonly outputs: readonly TensorMetadata[]
  readonly properties?: Readonly<Record<string, string>>
}

/** Answer of `GET /v2`. */
export interface ServerMetadata {
  readonly name: string
  readonly version: string
  readonly extensions: readonly string[]
}

/** An inference request or response as it travels: JSON, JSON followed by binary tensors, or an encoded picture. */
export interface WireBody {
  readonly body: Uint8Array
  /** Length of the JSON part when binary tensors follow it (header `Inference-Header-Content-Length`). */
  readonly jsonLength?: number
  /** Of a request whose whole body is an encoded picture. */
  readonly picture?: PictureFrame
}

/** What an encoded picture is, and what its address says about serving it. */
export interface PictureFrame {
  readonly mediaType: 'image/jpeg' | 'image/png' | 'image/webp'
  /** Query of the address without the question mark: parameters of the request. */
  readonly query: string
}
