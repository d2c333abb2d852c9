/**
 * Writes ONNX models, with no dependency. A value in the graph is its name; whatever is not named gets a fresh one:
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
import { ProtobufMessage } from './protobuf-writer.ts'

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
export interface NodeOptions {
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
  private readonly operations: ProtobufMessage[] = []
  private readonly constants: ProtobufMessage[] = []
  private readonly inputs: ProtobufMessage[] = []
  private readonly outputs: ProtobufMessage[] = []

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
    const tensor = new ProtobufMessage()
    for (const dimension of dimensions) tensor.integer(1, dimension)
    tensor.integer(2, ELEMENT_TYPES[elementTypeOf(data)])
    tensor.string(8, name)
    tensor.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    this.constants.push(tensor)
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
    options: NodeOptions = {},
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
    options: Pick<NodeOptions, 'domain'> = {},
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
    return new ProtobufMessage()
      .integer(1, IR_VERSION)
      .string(2, 'tierwise')
      .message(7, this.graph())
      .message(8, new ProtobufMessage().string(1, '').integer(2, OPSET))
      .message(8, new ProtobufMessage().string(1, 'com.microsoft').integer(2, 1))
      .encode()
  }

  /** This graph as a `GraphProto`. */
  graph(): ProtobufMessage {
    const graph = new ProtobufMessage()
    for (const operation of this.operations) graph.message(1, operation)
    graph.string(2, this.graphName)
    for (const constant of this.constants) graph.message(5, constant)
    for (const input of this.inputs) graph.message(11, input)
    for (const output of this.outputs) graph.message(12, output)
    return graph
  }

  private addNode(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Attributes,
    { domain }: Pick<NodeOptions, 'domain'>,
  ): void {
    const node = new ProtobufMessage()
    for (const input of inputs) node.string(1, input)
    for (const output of outputs) node.string(2, output)
    node.string(3, this.freshName(`${operator}_node`))
    node.string(4, operator)
    for (const [name, value] of Object.entries(attributes)) node.message(5, attribute(name, value))
    if (domain) node.string(7, domain)
    this.operations.push(node)
  }

  private freshName(stem: string): string {
    this.names.count += 1
    return `${stem}_${this.names.count}`
  }
}

/** An `AttributeProto`; field 20 is its type. */
function attribute(name: string, value: Attribute): ProtobufMessage {
  const message = new ProtobufMessage().string(1, name)
  if (typeof value === 'number') return message.integer(3, value).integer(20, 2)
  if (typeof value === 'string') return message.string(4, value).integer(20, 3)
  if (value instanceof GraphBuilder) return message.message(6, value.graph()).integer(20, 5)
  if ('float' in value) return message.float(2, value.float).integer(20, 1)
  for (const element of value) message.integer(8, element)
  return message.integer(20, 7)
}

/** A `ValueInfoProto`: name, element type and shape. */
function valueInfo(
  name: string,
  type: ElementType,
  dimensions: readonly Dimension[],
): ProtobufMessage {
  const shape = new ProtobufMessage()
  for (const dimension of dimensions) {
    const message = new ProtobufMessage()
    shape.message(
      1,
      typeof dimension === 'string' ? message.string(2, dimension) : message.integer(1, dimension),
    )
  }
  const tensorType = new ProtobufMessage().integer(1, ELEMENT_TYPES[type]).message(2, shape)
  return new ProtobufMessage()
    .string(1, name)
    .message(2, new ProtobufMessage().message(1, tensorType))
}

function elementTypeOf(data: ConstantData): ElementType {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof Uint8Array) return 'uint8'
  if (data instanceof Int8Array) return 'int8'
  if (data instanceof Int32Array) return 'int32'
  return 'int64'
}
