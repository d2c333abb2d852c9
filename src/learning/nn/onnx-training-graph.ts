/** Whole training steps as one ONNX graph: forward, backward, Adam and averaging, once per minibatch by Scan. */
import { GraphBuilder } from '../../onnx/graph-builder.ts'
import { decayMask } from './adam.ts'
import type { TrainingOptions } from './engine.ts'
import { inputSize, type NetworkShape, parameterCount, parameterSizes } from './network.ts'

/** The four flat vectors that training carries from update to update, in the order of the Scan's states. */
export const TRAINED_VECTORS = ['parameters', 'firstMoment', 'secondMoment', 'average'] as const

/** Of `TensorProto.DataType`. */
const FLOAT = 1
const BOOL = 9

/**
 * Inputs: the four vectors [parameters]; inputs [updates, batch, inputs]; targets [updates, batch, outputs];
 * weights [updates, batch, 1]; rates [updates, 3] of `adamRates`.
 * Outputs: the four vectors as `…Out`, and errors, prediction − target [updates, batch, outputs].
 */
export function trainingGraph(
  shape: NetworkShape,
  options: TrainingOptions,
): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder('training')
  const size = parameterCount(shape)
  const rows = options.batchSize
  const inputs = inputSize(shape)
  const scanned = [
    ...TRAINED_VECTORS.map((name) => graph.input(name, 'float32', [size])),
    graph.input('inputs', 'float32', ['updates', rows, inputs]),
    graph.input('targets', 'float32', ['updates', rows, shape.outputs]),
    graph.input('weights', 'float32', ['updates', rows, 1]),
    graph.input('rates', 'float32', ['updates', 3]),
  ]
  const outputs = [...TRAINED_VECTORS.map((name) => `${name}Out`), 'errors']
  graph.nodes('Scan', scanned, outputs, {
    body: oneUpdate(graph, shape, options),
    num_scan_inputs: 4,
  })
  for (const name of TRAINED_VECTORS) graph.output(`${name}Out`, 'float32', [size])
  graph.output('errors', 'float32', ['updates', rows, shape.outputs])
  return graph.model()
}

/** The body of the Scan. */
function oneUpdate(
  outer: GraphBuilder,
  shape: NetworkShape,
  options: TrainingOptions,
): GraphBuilder {
  const graph = outer.body('update')
  const size = parameterCount(shape)
  const rows = options.batchSize
  const [parameters, firstMoment, secondMoment, average] = TRAINED_VECTORS.map((name) =>
    graph.input(`${name}In`, 'float32', [size]),
  ) as [string, string, string, string]
  const x = graph.input('x', 'float32', [rows, inputSize(shape)])
  const target = graph.input('target', 'float32', [rows, shape.outputs])
  const weight = graph.input('weight', 'float32', [rows, 1])
  const rate = graph.input('rate', 'float32', [3])

  const { gradient, error } = forwardBackward(graph, shape, options, parameters, x, target, weight)
  const updated = adam(graph, shape, options, {
    parameters,
    firstMoment,
    secondMoment,
    gradient,
    rate,
  })
  const kept = graph.node('Mul', [average, graph.scalar(options.averageDecay)])
  const added = graph.node('Mul', [updated[0], graph.scalar(1 - options.averageDecay)])
  for (const vector of [...updated, graph.node('Add', [kept, added])]) {
    graph.output(vector, 'float32', [size])
  }
  graph.output(error, 'float32', [rows, shape.outputs])
  return graph
}

/** Names of the flat gradient [parameters] and of prediction − target [batch, outputs]. */
function forwardBackward(
  graph: GraphBuilder,
  shape: NetworkShape,
  options: TrainingOptions,
  parameters: string,
  x: string,
  target: string,
  weight: string,
): { gradient: string; error: string } {
  const inputs = inputSize(shape)
  const { hidden, outputs } = shape
  const flat = graph.integers([-1])
  const parts = graph.nodes('Split', [parameters, graph.integers(parameterSizes(shape))], 5, {
    axis: 0,
  }) as [string, string, string, string, string]
  const hiddenWeights = graph.node('Reshape', [parts[0], graph.integers([inputs, hidden])])
  const outputWeights = graph.node('Reshape', [parts[2], graph.integers([hidden, outputs])])
  const skipWeights = graph.node('Reshape', [parts[3], graph.integers([inputs, outputs])])

  const units = graph.node('Relu', [graph.node('Gemm', [x, hiddenWeights, parts[1]])]) // [batch, hidden]
  const linear = graph.node('Gemm', [x, skipWeights, parts[4]])
  const output = graph.node('Gemm', [units, outputWeights, linear]) // [batch, outputs]

  const crossEntropy = options.loss === 'cross-entropy'
  const prediction = crossEntropy ? graph.node('Sigmoid', [output]) : output
  const error = graph.node('Sub', [prediction, target])
  const { huberDelta } = options
  const slope = crossEntropy
    ? error
    : graph.node('Clip', [error, graph.scalar(-huberDelta), graph.scalar(huberDelta)])
  const scaled = graph.node('Mul', [weight, graph.scalar(1 / options.batchSize)])
  const dOutput = graph.node('Mul', [slope, scaled]) // [batch, outputs]
  const dUnits = graph.node('Gemm', [dOutput, outputWeights], { transB: 1 })
  // 1 where a unit is above zero, else 0: to a Boolean and back takes less time than Sign.
  const active = graph.node('Cast', [graph.node('Cast', [units], { to: BOOL })], { to: FLOAT })
  const dHidden = graph.node('Mul', [dUnits, active]) // [batch, hidden]

  const columnSum = (rows: string) =>
    graph.node('ReduceSum', [rows, graph.integers([0])], { keepdims: 0 })
  const product = (left: string, right: string) =>
    graph.node('Reshape', [graph.node('Gemm', [left, right], { transA: 1 }), flat])
  const gradient = graph.node(
    'Concat',
    [
      product(x, dHidden),
      columnSum(dHidden),
      product(units, dOutput),
      product(x, dOutput),
      columnSum(dOutput),
    ],
    { axis: 0 },
  )
  return { gradient, error }
}

interface AdamInputs {
  readonly parameters: string
  readonly firstMoment: string
  readonly secondMoment: string
  readonly gradient: string
  /** [3]: stepSize, epsilon, decay */
  readonly rate: string
}

/** Names of the new parameters, first and second moments, each [parameters]. */
function adam(
  graph: GraphBuilder,
  shape: NetworkShape,
  { beta1, beta2 }: TrainingOptions,
  { parameters, firstMoment, secondMoment, gradient, rate }: AdamInputs,
): [string, string, string] {
  const [stepSize, epsilon, decay] = graph.nodes('Split', [rate, graph.integers([1, 1, 1])], 3, {
    axis: 0,
  }) as [string, string, string]
  const mix = (old: string, share: number, fresh: string) =>
    graph.node('Add', [
      graph.node('Mul', [old, graph.scalar(share)]),
      graph.node('Mul', [fresh, graph.scalar(1 - share)]),
    ])
  const m = mix(firstMoment, beta1, gradient)
  const v = mix(secondMoment, beta2, graph.node('Mul', [gradient, gradient]))
  const denominator = graph.node('Add', [graph.node('Sqrt', [v]), epsilon])
  const step = graph.node('Div', [graph.node('Mul', [m, stepSize]), denominator])
  const mask = graph.constant([parameterCount(shape)], decayMask(shape))
  const decayed = graph.node('Mul', [graph.node('Mul', [mask, decay]), parameters])
  const next = graph.node('Sub', [graph.node('Sub', [parameters, step]), decayed])
  return [next, m, v]
}
