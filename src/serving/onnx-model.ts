/** One ONNX Runtime session and its signature. Blocks the thread while it runs: used inside workers only. */
import { access } from 'node:fs/promises'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { ConfigError, messageOf } from '../errors.ts'
import type { TensorMetadata } from '../protocol/messages.ts'
import { type ElementType, elementTypeOfOnnx } from './onnx-types.ts'
import type { ModelFile, ModelSignature, OutputTensor, PlacedTensor } from './worker-messages.ts'

/** One thread and no memory arena: a node's cores are its workers, and all variants stay resident side by side. */
const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  graphOptimizationLevel: 'all',
  executionMode: 'sequential',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  enableCpuMemArena: false,
  logSeverityLevel: 4,
}

export class OnnxModel {
  readonly signature: ModelSignature
  private readonly session: InferenceSession
  private readonly inputTypes: ReadonlyMap<string, ElementType>

  private constructor(session: InferenceSession, model: ModelFile) {
    this.session = session
    const inputs = session.inputMetadata.map((value) => describe(value, model))
    const outputs = session.outputMetadata.map((value) => describe(value, model))
    this.inputTypes = new Map(inputs.map(({ metadata, type }) => [metadata.name, type]))
    this.signature = {
      inputs: inputs.map(({ metadata }) => metadata),
      outputs: outputs.map(({ metadata }) => metadata),
    }
  }

  /** @throws ConfigError naming file and variant: missing, corrupt, or with types that cannot be served */
  static async load(model: ModelFile): Promise<OnnxModel> {
    const { variant, file } = model
    await access(file).catch(() => {
      throw new ConfigError(
        `variant ${variant}: there is no model file ${file}; build the models or correct the catalogue`,
      )
    })
    const session = await InferenceSession.create(file, SESSION_OPTIONS).catch((error) => {
      throw new ConfigError(
        `variant ${variant}: ${file} is not a usable ONNX model (${messageOf(error)}); build it anew or correct the catalogue`,
      )
    })
    return new OnnxModel(session, model)
  }

  /** @param inputs tensors in `memory`, checked against the signature */
  async run(
    memory: ArrayBuffer,
    inputs: readonly PlacedTensor[],
    outputs: readonly string[],
  ): Promise<OutputTensor[]> {
    const feeds: Record<string, Tensor> = {}
    for (const { name, shape, offset } of inputs) {
      const type = this.inputTypes.get(name)
      if (type === undefined) throw new Error(`no input is named "${name}"`)
      const elements = shape.reduce((product, size) => product * size, 1)
      feeds[name] = new Tensor(type.onnx, type.view(memory, offset, elements), shape)
    }
    const results = await this.session.run(feeds, outputs)
    return outputs.map((name) => {
      const { dims, data } = results[name] as Tensor
      const { buffer, byteOffset, byteLength } = data as Exclude<Tensor.DataType, string[]>
      return { name, shape: dims, data: new Uint8Array(buffer, byteOffset, byteLength) }
    })
  }

  /**
   * Runs on zeros: the first runs allocate memory and are slow.
   * @param openShape sizes for the dimensions that the model leaves open
   */
  async warmUp(runs: number, openShape: readonly number[]): Promise<void> {
    const inputs: PlacedTensor[] = []
    let bytes = 0
    for (const { name, shape } of this.signature.inputs) {
      const sizes = shape.map((size, axis) => (size >= 0 ? size : (openShape[axis] ?? 1)))
      inputs.push({ name, shape: sizes, offset: bytes })
      const elements = sizes.reduce((product, size) => product * size, 1)
      bytes += Math.ceil((elements * (this.inputTypes.get(name)?.bytes ?? 0)) / 8) * 8
    }
    const memory = new ArrayBuffer(bytes)
    const outputs = this.signature.outputs.map(({ name }) => name)
    for (let run = 0; run < runs; run++) await this.run(memory, inputs, outputs)
  }

  async release(): Promise<void> {
    await this.session.release()
  }
}

function describe(
  value: InferenceSession.ValueMetadata,
  { variant, file }: ModelFile,
): { metadata: TensorMetadata; type: ElementType } {
  const type = value.isTensor ? elementTypeOfOnnx(value.type) : undefined
  if (!value.isTensor || type === undefined) {
    const given = value.isTensor ? value.type : 'not a tensor'
    throw new ConfigError(
      `variant ${variant}: "${value.name}" of ${file} is ${given}; only tensors of numbers and booleans can be served`,
    )
  }
  const shape = value.shape.map((size) => (typeof size === 'number' ? size : -1))
  return { metadata: { name: value.name, datatype: type.datatype, shape }, type }
}
