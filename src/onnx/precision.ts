/** Which numbers an ONNX model's weights are stored in. Field numbers below are those of onnx.proto. */
import Pbf from 'pbf'
import type { Precision } from '../fleet/choice.ts'

/** By `TensorProto.DataType`; what holds shapes, axes and biases (32- and 64-bit integers) is in none. */
const FAMILIES: ReadonlyMap<number, Precision> = new Map([
  [1, 'FP32'], // FLOAT
  [11, 'FP32'], // DOUBLE
  [10, 'FP16'], // FLOAT16
  [16, 'FP16'], // BFLOAT16
  [2, 'INT8'], // UINT8
  [3, 'INT8'], // INT8
  [21, 'INT8'], // UINT4
  [22, 'INT8'], // INT4
])

interface StoredTensor {
  type: number
  readonly dims: number[]
}

type Elements = Map<Precision, number>

/** The family of most of a model's weights, by number; FP32 where it has none. @param model bytes of the file */
export function precisionOf(model: Uint8Array): Precision {
  const elements: Elements = new Map([['FP32', 0]])
  new Pbf(model).readFields(readModel, elements)
  const [most] = [...elements].toSorted(([, a], [, b]) => b - a)
  return most[0]
}

/** A `ModelProto`. */
function readModel(field: number, elements: Elements, pbf: Pbf): void {
  if (field === 7) pbf.readMessage(readGraph, elements)
}

/** A `GraphProto`: weights are its initializers, and in older models the attributes of its Constant nodes. */
function readGraph(field: number, elements: Elements, pbf: Pbf): void {
  if (field === 1) pbf.readMessage(readNode, elements)
  if (field === 5) addTensor(elements, pbf)
}

/** A `NodeProto`. */
function readNode(field: number, elements: Elements, pbf: Pbf): void {
  if (field === 5) pbf.readMessage(readAttribute, elements)
}

/** An `AttributeProto`: a tensor, or the body of a loop or a branch. */
function readAttribute(field: number, elements: Elements, pbf: Pbf): void {
  if (field === 5) addTensor(elements, pbf)
  if (field === 6) pbf.readMessage(readGraph, elements)
}

/** A `TensorProto`. */
function addTensor(elements: Elements, pbf: Pbf): void {
  const { type, dims } = pbf.readMessage<StoredTensor>(
    (field, tensor, reader) => {
      if (field === 1) reader.readPackedVarint(tensor.dims)
      if (field === 2) tensor.type = reader.readVarint()
    },
    { type: 0, dims: [] },
  )
  const family = FAMILIES.get(type)
  if (family === undefined) return
  const count = dims.reduce((product, size) => product * size, 1)
  elements.set(family, (elements.get(family) ?? 0) + count)
}
