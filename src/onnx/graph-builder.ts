/**
 * Writes ONNX models. A value in the graph is its name; whatever is not named gets a fresh one:
 *
 *     const graph = new GraphBuilder('affine')
 *     const x = graph.input('x', 'float32', ['batch', 3])
 *     const hidden = graph.node('Gemm', [x, graph.constant([3, 2], weights), graph.constant([2], bias)])
 *     graph.node('Relu', [hidden], {}, { output: 'y' })
 *     graph.output('y', 'float32', ['batch', 2])
 *     const session = await InferenceSession.create(graph.model())
 *
 * Attributes: a number is an INT, `{ float: 0.5 }` a FLOAT, an array INTS, a string a STRING and a graph from `body()` a GRAPH:
 *
 *     const step = graph.body('step')          // sees the outer values; its fresh names never clash with the outer ones
 *     const sum = step.node('Add', [step.input('sum', 'float32', [2]), step.input('term', 'float32', [2])])
 *     step.output(sum, 'float32', [2])         // outputs of a Scan body: states first, then scanned outputs
 *     const [total] = graph.nodes('Scan', [zero, terms], 1, { body: step, num_scan_inputs: 1 })
 *
 * The builder does not check operators, types or shapes: ONNX Runtime does, with good messages, when it loads the model.
 */
import Pbf from 'pbf'

/** `TensorProto.DataType`, by the names ONNX Runtime uses. */
export const ELEMENT_TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9 } as const
/** Of tensors. */
export type ElementType = keyof typeof ELEMENT_TYPES

/** A number, or a name for a dimension known only at run time. */
export type Dimension = number | string

/** Elements of a constant, row-major. */
export type ConstantData = Float32Array | Uint8Array | Int8Array | Int32Array | BigInt64Array

type Attribute = number | string | readonly number[] | { readonly float: number } | GraphBuilder

/** Attributes of a node, by name; see above. */
export type Attributes = Readonly<Record<string, Attribute>>

/** What a node may have beside its attributes. */
export interface OperatorOptions {
  /** Operator set: ONNX's own by default, or `com.microsoft`. */
  readonly domain?: 'com.microsoft'
  /** Name of the node's (first) output, in place of a fresh one. */
  readonly output?: string
}

/** What takes nodes: a `GraphBuilder` writes them down, an `Evaluator` computes each at once. A value is its name. */
export interface Graph {
  /** A tensor, row-major. */
  constant(dimensions: readonly number[], data: ConstantData): string
  /** A float32 constant without dimensions. */
  scalar(value: number): string
  /** A one-dimensional int64 constant: axes, shapes, split sizes. */
  integers(values: readonly number[]): string
  /** Adds a node with one output and returns the output's name. */
  node(operator: string, inputs: readonly string[], attributes?: Attributes): string
  /** Adds a node with so many outputs and returns their names. */
  nodes(
    operator: string,
    inputs: readonly string[],
    count: number,
    attributes?: Attributes,
  ): string[]
}

/** `ModelProto.ir_version` 8 goes with opset 17. */
const IR_VERSION = 8
const OPSET = 17

/** One ONNX graph. Field numbers below are those of onnx.proto. */
export class GraphBuilder implements Graph {
  private readonly graphName: string
  private readonly names: { count: number }
  private readonly operations: Uint8Array[] = []
  private readonly constants: Uint8Array[] = []
  private readonly inputs: Uint8Array[] = []
  private readonly outputs: Uint8Array[] = []

  /** @param names counter of fresh names, shared by a graph and its bodies */
  constructor(graphName: string, names: { count: number } = { count: 0 }) {
    this.graphName = graphName
    this.names = names
  }

  /** Declares a graph input and returns its name. */
  input(name: string, type: ElementType, dimensions: readonly Dimension[]): string {
    this.inputs.push(valueInfo(name, type, dimensions))
    return name
  }

  /** Declares an existing value a graph output. */
  output(name: string, type: ElementType, dimensions: readonly Dimension[]): void {
    this.outputs.push(valueInfo(name, type, dimensions))
  }

  /** A tensor stored in the model (an initializer), row-major; its type is that of the array. */
  constant(dimensions: readonly number[], data: ConstantData, name = this.freshName('c')): string {
    this.constants.push(
      message((tensor) => {
        for (const dimension of dimensions) tensor.writeVarintField(1, dimension)
        tensor.writeVarintField(2, ELEMENT_TYPES[elementTypeOf(data)])
        tensor.writeStringField(8, name)
        tensor.writeBytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
      }),
    )
    return name
  }

  scalar(value: number): string {
    return this.constant([], Float32Array.of(value))
  }

  integers(values: readonly number[]): string {
    return this.constant([values.length], BigInt64Array.from(values, BigInt))
  }

  /** Adds a node with one output and returns the output's name. An absent optional input is `''`. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    options: OperatorOptions = {},
  ): string {
    const output = options.output ?? this.freshName(operator)
    this.addNode(operator, inputs, [output], attributes, options)
    return output
  }

  /** Adds a node with several outputs, named afresh (`count`) or as given, and returns their names. */
  nodes(
    operator: string,
    inputs: readonly string[],
    outputs: number | readonly string[],
    attributes: Attributes = {},
    options: Pick<OperatorOptions, 'domain'> = {},
  ): string[] {
    const names =
      typeof outputs === 'number'
        ? Array.from({ length: outputs }, () => this.freshName(operator))
        : [...outputs]
    this.addNode(operator, inputs, names, attributes, options)
    return names
  }

  /** A graph for an attribute (the body of Scan, Loop or If): it may use this graph's values. */
  body(graphName: string): GraphBuilder {
    return new GraphBuilder(graphName, this.names)
  }

  /** The bytes of an ONNX file. */
  model(): Uint8Array<ArrayBuffer> {
    const model = message((pbf) => {
      pbf.writeVarintField(1, IR_VERSION)
      pbf.writeStringField(2, 'tierwise')
      pbf.writeBytesField(7, this.graph())
      pbf.writeBytesField(8, operatorSet('', OPSET))
      pbf.writeBytesField(8, operatorSet('com.microsoft', 1))
    })
    return new Uint8Array(model)
  }

  /** This graph as a `GraphProto`. */
  graph(): Uint8Array {
    return message((graph) => {
      for (const operation of this.operations) graph.writeBytesField(1, operation)
      graph.writeStringField(2, this.graphName)
      for (const constant of this.constants) graph.writeBytesField(5, constant)
      for (const input of this.inputs) graph.writeBytesField(11, input)
      for (const output of this.outputs) graph.writeBytesField(12, output)
    })
  }

  private addNode(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Attributes,
    { domain }: Pick<OperatorOptions, 'domain'>,
  ): void {
    this.operations.push(
      message((node) => {
        for (const input of inputs) node.writeStringField(1, input)
        for (const output of outputs) node.writeStringField(2, output)
        node.writeStringField(3, this.freshName(`${operator}_node`))
        node.writeStringField(4, operator)
        for (const [name, value] of Object.entries(attributes)) {
          node.writeBytesField(5, attribute(name, value))
        }
        if (domain) node.writeStringField(7, domain)
      }),
    )
  }

  private freshName(stem: string): string {
    this.names.count += 1
    return `${stem}_${this.names.count}`
  }
}

/** A protobuf message as bytes: what a field of the message around it holds. */
function message(write: (pbf: Pbf) => void): Uint8Array {
  const pbf = new Pbf()
  write(pbf)
  return pbf.finish()
}

/** An `OperatorSetIdProto`. */
function operatorSet(domain: string, version: number): Uint8Array {
  return message((pbf) => {
    pbf.writeStringField(1, domain)
    pbf.writeVarintField(2, version)
  })
}

/** An `AttributeProto`; field 20 is its type. */
function attribute(name: string, value: Attribute): Uint8Array {
  return message((pbf) => {
    pbf.writeStringField(1, name)
    pbf.writeVarintField(20, writeValue(pbf, value))
  })
}

/** @returns `AttributeProto.AttributeType` */
function writeValue(pbf: Pbf, value: Attribute): number {
  if (typeof value === 'number') {
    pbf.writeVarintField(3, value)
    return 2
  }
  if (typeof value === 'string') {
    pbf.writeStringField(4, value)
    return 3
  }
  if (value instanceof GraphBuilder) {
    pbf.writeBytesField(6, value.graph())
    return 5
  }
  if ('float' in value) {
    pbf.writeFloatField(2, value.float)
    return 1
  }
  for (const element of value) pbf.writeVarintField(8, element)
  return 7
}

/** A `ValueInfoProto`: name, element type and shape. */
function valueInfo(name: string, type: ElementType, dimensions: readonly Dimension[]): Uint8Array {
  const shape = message((pbf) => {
    for (const size of dimensions) pbf.writeBytesField(1, dimension(size))
  })
  const tensorType = message((pbf) => {
    pbf.writeVarintField(1, ELEMENT_TYPES[type])
    pbf.writeBytesField(2, shape)
  })
  return message((pbf) => {
    pbf.writeStringField(1, name)
    pbf.writeBytesField(
      2,
      message((typeProto) => typeProto.writeBytesField(1, tensorType)),
    )
  })
}

/** A `TensorShapeProto.Dimension`. */
function dimension(size: Dimension): Uint8Array {
  return message((pbf) => {
    if (typeof size === 'string') pbf.writeStringField(2, size)
    else pbf.writeVarintField(1, size)
  })
}

function elementTypeOf(data: ConstantData): ElementType {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof Uint8Array) return 'uint8'
  if (data instanceof Int8Array) return 'int8'
  if (data instanceof Int32Array) return 'int32'
  return 'int64'
}
