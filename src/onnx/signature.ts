/** What an ONNX model takes and gives, read from the file without running it. Field numbers are those of onnx.proto. */
import Pbf from 'pbf'

/** Of a model's file: protocol buffers are below 2 GiB. */
export const MAX_MODEL_BYTES = 2 ** 31 - 2

/** An input or output as the file states it. */
export interface StatedValue {
  readonly name: string
  /** `TensorProto.DataType`; 0 for what is no tensor. */
  readonly elementType: number
  /** -1 where the size varies; undefined where the file does not say how many dimensions there are. */
  readonly shape: readonly number[] | undefined
}

/** In the file's order. */
export interface Signature {
  readonly inputs: readonly StatedValue[]
  readonly outputs: readonly StatedValue[]
}

interface Value {
  name: string
  elementType: number
  shape?: number[]
}

interface GraphValues {
  readonly inputs: Value[]
  readonly outputs: Value[]
  /** Names of stored weights: older files list them among the inputs, too. */
  readonly stored: Set<string>
}

/** @param model bytes of the file. @throws RangeError for bytes that are no ONNX model */
export function signatureOf(model: Uint8Array): Signature {
  const graph: GraphValues = { inputs: [], outputs: [], stored: new Set() }
  try {
    new Pbf(model).readFields(readModel, graph)
  } catch (error) {
    throw new RangeError('it is no ONNX model', { cause: error })
  }
  if (graph.outputs.length === 0) throw new RangeError('it is no ONNX model: nothing comes out')
  const inputs = graph.inputs.filter(({ name }) => !graph.stored.has(name))
  return { inputs: inputs.map(stated), outputs: graph.outputs.map(stated) }
}

function stated({ name, elementType, shape }: Value): StatedValue {
  return { name, elementType, shape }
}

/** A `ModelProto`. */
function readModel(field: number, graph: GraphValues, pbf: Pbf): void {
  if (field === 7) pbf.readMessage(readGraph, graph)
}

/** A `GraphProto`. */
function readGraph(field: number, graph: GraphValues, pbf: Pbf): void {
  if (field === 5) pbf.readMessage(readStored, graph.stored)
  if (field === 11) graph.inputs.push(pbf.readMessage(readValue, { name: '', elementType: 0 }))
  if (field === 12) graph.outputs.push(pbf.readMessage(readValue, { name: '', elementType: 0 }))
}

/** A `TensorProto`. */
function readStored(field: number, names: Set<string>, pbf: Pbf): void {
  if (field === 8) names.add(pbf.readString())
}

/** A `ValueInfoProto`. */
function readValue(field: number, value: Value, pbf: Pbf): void {
  if (field === 1) value.name = pbf.readString()
  if (field === 2) pbf.readMessage(readType, value)
}

/** A `TypeProto`: of its kinds only tensors are read. */
function readType(field: number, value: Value, pbf: Pbf): void {
  if (field === 1) pbf.readMessage(readTensorType, value)
}

/** A `TypeProto.Tensor`. */
function readTensorType(field: number, value: Value, pbf: Pbf): void {
  if (field === 1) value.elementType = pbf.readVarint()
  if (field === 2) value.shape = pbf.readMessage<number[]>(readShape, [])
}

/** A `TensorShapeProto`. */
function readShape(field: number, shape: number[], pbf: Pbf): void {
  if (field === 1) shape.push(pbf.readMessage(readDimension, { size: -1 }).size)
}

/** A `TensorShapeProto.Dimension`: a size, or a name for one that varies. */
function readDimension(field: number, dimension: { size: number }, pbf: Pbf): void {
  if (field === 1) dimension.size = pbf.readVarint(true)
}
