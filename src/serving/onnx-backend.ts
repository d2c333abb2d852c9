/** One variant served by the local worker pool. */
import { InvalidInputError, UnavailableError } from '../errors.ts'
import { elementBytes, elementCount } from '../protocol/datatypes.ts'
import type { InferRequest, ModelMetadata, Tensor, TensorMetadata } from '../protocol/messages.ts'
import type { Backend, Inference } from './backend.ts'
import type { WorkerPool } from './worker-pool.ts'

export class OnnxBackend implements Backend {
  private readonly pool: WorkerPool
  private readonly variant: string
  private served: ModelMetadata | undefined

  /** @param pool holds all variants and outlives its back ends */
  constructor(pool: WorkerPool, variant: string) {
    this.pool = pool
    this.variant = variant
  }

  async load(): Promise<void> {
    await this.pool.start()
    const signature = this.pool.signatures[this.variant]
    if (signature === undefined) {
      throw new UnavailableError(`the workers do not hold variant "${this.variant}"`)
    }
    this.served = {
      name: this.variant,
      versions: ['1'],
      platform: 'onnx_onnxv1',
      inputs: signature.inputs,
      outputs: signature.outputs,
    }
  }

  get ready(): boolean {
    return this.served !== undefined && this.pool.ready
  }

  /** @throws UnavailableError before the model is loaded: only its file knows its inputs and outputs */
  get metadata(): ModelMetadata {
    if (this.served === undefined) {
      throw new UnavailableError(`variant "${this.variant}" is not loaded`)
    }
    return this.served
  }

  async infer(request: InferRequest, signal?: AbortSignal): Promise<Inference> {
    const metadata = this.metadata
    const inputs = checkInputs(metadata, request.inputs)
    const wanted = checkOutputs(metadata, request.outputs)
    const names = wanted.map(({ name }) => name)
    const { outputs, queueMs, computeMs } = await this.pool.run(this.variant, inputs, names, signal)
    const tensors = outputs.map((output, index) => {
      const { datatype } = wanted[index] as TensorMetadata
      return { ...output, datatype }
    })
    return { outputs: tensors, queueMs, computeMs }
  }

  async unload(): Promise<void> {
    this.served = undefined
  }
}

/** @throws InvalidInputError naming what the model expects and what was given */
function checkInputs(model: ModelMetadata, given: readonly Tensor[]): readonly Tensor[] {
  const names = given.map(({ name }) => name)
  const expected = model.inputs.map(({ name }) => name)
  const same = new Set(names).size === names.length && names.length === expected.length
  if (!same || !expected.every((name) => names.includes(name))) {
    throw new InvalidInputError(
      `model ${model.name} takes the inputs ${list(expected)}; given: ${list(names)}`,
    )
  }
  for (const tensor of given) {
    const input = model.inputs.find(({ name }) => name === tensor.name)
    if (input) checkInput(model.name, input, tensor)
  }
  return given
}

function checkInput(model: string, expected: TensorMetadata, given: Tensor): void {
  const where = `input "${given.name}" of model ${model}`
  if (given.datatype !== expected.datatype) {
    throw new InvalidInputError(
      `${where} has datatype ${expected.datatype}; given: ${given.datatype}`,
    )
  }
  const fits =
    given.shape.length === expected.shape.length &&
    expected.shape.every((size, axis) => size === -1 || size === given.shape[axis])
  if (!fits) {
    throw new InvalidInputError(
      `${where} has shape [${expected.shape}] (-1: any size); given: [${given.shape}]`,
    )
  }
  if (given.datatype === 'BYTES') return
  const bytes = elementCount(given.shape) * elementBytes(given.datatype)
  if (given.data.byteLength !== bytes) {
    throw new InvalidInputError(
      `${where} holds ${bytes} bytes (${given.datatype} [${given.shape}]); given: ${given.data.byteLength}`,
    )
  }
}

/** The requested outputs in the requested order; all of the model's when none is requested. */
function checkOutputs(
  model: ModelMetadata,
  requested: InferRequest['outputs'],
): readonly TensorMetadata[] {
  if (requested === undefined || requested.length === 0) return model.outputs
  const known = model.outputs.map(({ name }) => name)
  const names = requested.map(({ name }) => name)
  if (new Set(names).size !== names.length) {
    throw new InvalidInputError(`an output is requested twice: ${list(names)}`)
  }
  return names.map((name) => {
    const output = model.outputs.find((candidate) => candidate.name === name)
    if (output) return output
    throw new InvalidInputError(
      `model ${model.name} has the outputs ${list(known)}; requested: "${name}"`,
    )
  })
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(', ')
}
