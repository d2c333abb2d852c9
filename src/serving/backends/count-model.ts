import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../../errors.ts'
import type { Precision } from '../../fleet/choice.ts'
import { precisionOf } from '../../onnx/precision.ts'
import { OnnxModel } from './onnx-model.ts'

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

/** One tensor is `{ float: [1, 3, 224, 224] }`. */
const shapes = z
  .array(z.record(z.string(), z.array(z.number())))
  .transform((tensors) => tensors.flatMap((tensor) => Object.values(tensor)))
const nodeRun = z.object({
  cat: z.literal('Node'),
  args: z.object({ op_name: z.string(), input_type_shape: shapes, output_type_shape: shapes }),
})
type NodeRun = z.infer<typeof nodeRun>['args']

/**
 * By ONNX Runtime's own account of one inference, on zeros, on this thread: never on one that answers requests.
 * @param inputShape sizes for the dimensions that the model leaves open; 1 where it has none
 * @throws ConfigError for a file that is missing or no model that can be served
 */
export async function countModel(file: string, inputShape: readonly number[]): Promise<ModelCount> {
  const folder = await mkdtemp(join(tmpdir(), 'tierwise-count-'))
  try {
    await profiledRun(file, inputShape, join(folder, 'profile'))
    const [profile = ''] = await readdir(folder)
    const events = z
      .array(z.unknown())
      .parse(JSON.parse(await readFile(join(folder, profile), 'utf8')))
    const runs = events.flatMap((event) => nodeRun.safeParse(event).data?.args ?? [])
    const macs = runs.reduce((sum, run) => sum + macsOf(run), 0)
    return { megaMacs: macs / 1e6, precision: precisionOf(await readFile(file)) }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Unoptimised, so that every operator is run as the file names it, and tells the shapes of its weights. */
async function profiledRun(
  file: string,
  inputShape: readonly number[],
  profileFilePrefix: string,
): Promise<void> {
  const model = await OnnxModel.load(
    { variant: basename(file), file },
    {
      graphOptimizationLevel: 'disabled',
      enableProfiling: true,
      profileFilePrefix,
      // Weights that an operator has re-ordered for itself are no longer among its inputs.
      extra: { session: { disable_prepacking: '1' } },
    },
  )
  try {
    await model.warmUp(1, inputShape)
    model.endProfiling()
  } finally {
    await model.release()
  }
}

function macsOf({ op_name: operator, input_type_shape, output_type_shape }: NodeRun): number {
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
