import type { InferenceSession } from 'onnxruntime-node'
import { ConfigError } from '../../errors.ts'
import { readRegularFile } from '../../files.ts'
import type { Precision } from '../../fleet/choice.ts'
import { precisionOf } from '../../onnx/precision.ts'
import { MAX_MODEL_BYTES } from '../../onnx/signature.ts'
import { type OperatorRun, operatorRuns } from './operator-runs.ts'

/** What one model costs. */
export interface ModelCount {
  /** Millions of multiply-accumulates of one inference: convolutions and matrix products; all else is left out. */
  readonly megaMacs: number
  readonly precision: Precision
}

const CONVOLUTIONS: ReadonlySet<string> = new Set([
  'Conv',
  'FusedConv',
  'ConvInteger',
  'QLinearConv',
  'ConvTranspose',
])
/** Of two matrices, the first of which may be transposed. */
const MATRIX_PRODUCTS: ReadonlySet<string> = new Set(['Gemm', 'FusedGemm', 'QGemm'])
/** Of stacks of matrices. */
const STACKED_PRODUCTS: ReadonlySet<string> = new Set([
  'MatMul',
  'FusedMatMul',
  'MatMulInteger',
  'MatMulIntegerToFloat',
  'DynamicQuantizeMatMul',
  'QLinearMatMul',
  'MatMulNBits',
])

/** Every operator is run as the file names it, and tells the shapes of its weights. */
const UNOPTIMISED: InferenceSession.SessionOptions = {
  graphOptimizationLevel: 'disabled',
  // Weights that an operator has re-ordered for itself are no longer among its inputs.
  extra: { session: { disable_prepacking: '1' } },
}

/**
 * By ONNX Runtime's own account of one inference, on zeros, on this thread: never on one that answers requests.
 * @param inputShape sizes for the dimensions that the model leaves open; 1 where it has none
 * @throws ConfigError for a file that is missing or no model that can be served
 */
export async function countModel(file: string, inputShape: readonly number[]): Promise<ModelCount> {
  const runs = await operatorRuns(file, inputShape, UNOPTIMISED)
  const macs = runs.reduce((sum, run) => sum + macsOf(run), 0)
  const model = await readRegularFile(file, MAX_MODEL_BYTES)
  return { megaMacs: macs / 1e6, precision: precisionOf(model) }
}

function macsOf({ op_name: operator, input_type_shape, output_type_shape }: OperatorRun): number {
  const [first = [], ...others] = input_type_shape
  const [output = []] = output_type_shape
  if (STACKED_PRODUCTS.has(operator)) return elementsOf(output) * (first.at(-1) ?? 1)
  if (MATRIX_PRODUCTS.has(operator))
    return elementsOf(output) * (elementsOf(first) / (output[0] || 1))
  if (!CONVOLUTIONS.has(operator)) return 0
  // [output channels, input channels / groups, …]; of ConvTranspose [input channels, output channels / groups, …].
  const kernel = others.find((shape) => shape.length === first.length)
  if (kernel === undefined) throw new ConfigError(`${operator} does not tell its weights`)
  const places = operator === 'ConvTranspose' ? first : output
  return elementsOf(places) * (elementsOf(kernel) / (kernel[0] || 1))
}

function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}
