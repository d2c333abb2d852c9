import { access } from 'node:fs/promises'
import { InferenceSession, Tensor as OnnxValue } from 'onnxruntime-node'
import { ConfigError, messageOf } from '../../errors.ts'
import { bytesOf, elementBytes, elementCount, viewElements } from '../../protocol/datatypes.ts'
import type { Tensor, TensorMetadata } from '../../protocol/messages.ts'
import { datatypeOf, isServedType, type OnnxType } from './onnx-types.ts'
import {
  alignedOffset,
  type ModelFile,
  type ModelSignature,
  type PlacedTensor,
} from './worker-messages.ts'

/**
 * Products of signed 8-bit weights overflow on x64 processors that have AVX2 or AVX-512 but no VNNI, and INT8 models answer wrongly
 * there. With this ONNX Runtime takes a product that is exact, and 10 to 40 % slower; elsewhere it changes nothing.
 */
export const EXACT_INT8: InferenceSession.SessionOptions = {
  extra: { session: { x64quantprecision: '1' } },
}

/**
 * One thread: a node's cores are its workers. A memory arena for each session: without it every run asks the system for its
 * memory anew, which made the largest variant take 7 ms in one run and 35 ms in the next; it costs some 4 MB a variant.
 */
const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  graphOptimizationLevel: 'all',
  executionMode: 'sequential',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  enableCpuMemArena: true,
  logSeverityLevel: 4,
  ...EXACT_INT8,
}

interface OnnxTensor {
  readonly name: string
  readonly type: OnnxType
  /** -1 where the size varies. */
  readonly shape: readonly number[]
}

/** One ONNX Runtime session and its signature. Blocks the thread while it runs: used inside workers only. */
export class OnnxModel {
  private readonly session: InferenceSession
  private readonly model: ModelFile
  private readonly inputs: readonly OnnxTensor[]
  private readonly outputs: readonly OnnxTensor[]

  private constructor(session: InferenceSession, model: ModelFile) {
    this.session = session
    this.model = model
    this.inputs = session.inputMetadata.map((value) => served(value, model))
    this.outputs = session.outputMetadata.map((value) => served(value, model))
  }

  get signature(): ModelSignature {
    return { inputs: this.inputs.map(describe), outputs: this.outputs.map(describe) }
  }

  /** @throws ConfigError naming file and variant: missing, corrupt, or with types that cannot be served */
  static async load(
    model: ModelFile,
    options: InferenceSession.SessionOptions = {},
  ): Promise<OnnxModel> {
    const { variant, file } = model
    await access(file).catch(() => {
      throw new ConfigError(
        `variant ${variant}: there is no model file ${file}; build the models or correct the catalogue`,
      )
    })
    const chosen = { ...SESSION_OPTIONS, ...options }
    const session = await InferenceSession.create(file, chosen).catch((error) => {
      throw new ConfigError(unusable(model, chosen.executionProviders ?? [], messageOf(error)))
    })
    return new OnnxModel(session, model)
  }

  /** @param inputs tensors in `memory`, checked against the signature */
  async run(
    memory: ArrayBuffer,
    inputs: readonly PlacedTensor[],
    outputs: readonly string[],
  ): Promise<Tensor[]> {
    const feeds: Record<string, OnnxValue> = {}
    for (const { name, shape, offset } of inputs) {
      const input = this.inputs.find((candidate) => candidate.name === name)
      if (input === undefined) throw new Error(`no input is named "${name}"`)
      const data = new Uint8Array(memory, offset, byteCount(input.type, shape))
      const elements = viewElements({ name, datatype: datatypeOf(input.type), data })
      feeds[name] = new OnnxValue(input.type, elements, shape)
    }
    const results = await this.session.run(feeds, outputs)
    return outputs.map((name) => {
      const output = this.outputs.find((candidate) => candidate.name === name)
      const value = results[name]
      if (output === undefined || value === undefined)
        throw new Error(`no output is named "${name}"`)
      const data = bytesOf(value.data as ArrayBufferView)
      return { name, datatype: datatypeOf(output.type), shape: value.dims, data }
    })
  }

  /**
   * Runs on zeros: the first runs allocate memory and are slow.
   * @param openShape sizes for the dimensions that the model leaves open
   * @throws ConfigError naming variant and file when it cannot run
   */
  async warmUp(runs: number, openShape: readonly number[]): Promise<void> {
    for (let run = 0; run < runs; run++) await this.runOnZeros(openShape)
  }

  /** @returns all outputs. @throws as `warmUp` */
  async runOnZeros(openShape: readonly number[]): Promise<Tensor[]> {
    const inputs: PlacedTensor[] = []
    let bytes = 0
    for (const { name, type, shape } of this.inputs) {
      const sizes = shape.map((size, axis) => (size >= 0 ? size : (openShape[axis] ?? 1)))
      inputs.push({ name, shape: sizes, offset: bytes })
      bytes = alignedOffset(bytes + byteCount(type, sizes))
    }
    const outputs = this.outputs.map(({ name }) => name)
    try {
      return await this.run(new ArrayBuffer(bytes), inputs, outputs)
    } catch (error) {
      const { variant, file } = this.model
      const given = inputs.map(({ name, shape }) => `"${name}" [${shape.join(', ')}]`).join(', ')
      throw new ConfigError(
        `variant ${variant}: ${file} cannot run on zeros in ${given}: ${messageOf(error)}; correct input.shape or the file`,
        { cause: error },
      )
    }
  }

  /** Completes the profile that was asked for when the model was loaded. */
  endProfiling(): void {
    this.session.endProfiling()
  }

  async release(): Promise<void> {
    await this.session.release()
  }
}

function unusable(
  { variant, file }: ModelFile,
  providers: readonly unknown[],
  reason: string,
): string {
  const isPlain = providers.every((provider) => provider === 'cpu')
  return isPlain
    ? `variant ${variant}: ${file} is not a usable ONNX model (${reason}); build it anew or correct the catalogue`
    : `variant ${variant}: ${file} cannot be loaded on ${providers.join(', ')} (${reason}); install what they need, or change executionProviders`
}

function byteCount(type: OnnxType, shape: readonly number[]): number {
  return elementCount(shape) * elementBytes(datatypeOf(type))
}

function describe({ name, type, shape }: OnnxTensor): TensorMetadata {
  return { name, datatype: datatypeOf(type), shape }
}

function served(value: InferenceSession.ValueMetadata, { variant, file }: ModelFile): OnnxTensor {
  const { name } = value
  if (!value.isTensor || !isServedType(value.type)) {
    const given = value.isTensor ? value.type : 'not a tensor'
    throw new ConfigError(
      `variant ${variant}: "${name}" of ${file} is ${given}; only tensors of numbers and booleans can be served`,
    )
  }
  const shape = value.shape.map((size) => (typeof size === 'number' ? size : -1))
  return { name, type: value.type, shape }
}
